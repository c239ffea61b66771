// SPDX-License-Identifier: Apache-2.0
// A proxy of the environment that would stand between kubectl and a cluster's API.
#pragma once

#include <string>
#include <string_view>

namespace skiff::cluster {

// "10.1.0.2" of "https://10.1.0.2:6443". Pure.
std::string host_of(std::string_view server);

// The variable of this environment ("HTTPS_PROXY") whose proxy kubectl would ask for this server ("https://host:port");
// empty when it asks none.
std::string proxy_in_the_way(std::string_view server);

}  // namespace skiff::cluster
