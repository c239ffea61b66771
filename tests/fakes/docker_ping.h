// SPDX-License-Identifier: Apache-2.0
// What a Docker engine of API 1.41 answers to GET /_ping, by which every client begins.
#pragma once

#include <string_view>

namespace skiff::fakes {

inline constexpr std::string_view docker_ping = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK";

}  // namespace skiff::fakes
