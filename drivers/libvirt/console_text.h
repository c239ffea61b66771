// SPDX-License-Identifier: Apache-2.0
// The console of a machine, for messages about one that does not come up.
#pragma once

#include <string>
#include <string_view>

namespace skiff::drivers::libvirt {

// What people can read of a console's bytes: the last `lines` of it, without control characters. Pure.
std::string readable(std::string_view bytes, std::size_t lines);

}  // namespace skiff::drivers::libvirt
