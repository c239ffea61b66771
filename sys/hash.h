// Content hashes.
#pragma once

#include <string>
#include <string_view>

namespace skiff::sys {

std::string sha256_hex(std::string_view bytes);
std::string random_hex(std::size_t bytes);  // from the operating system's generator

}  // namespace skiff::sys
