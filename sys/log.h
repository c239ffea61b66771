// SPDX-License-Identifier: Apache-2.0
// The developers' log: every command writes one to <skiff_home>/logs/, and to stderr under --verbose. Not for users'
// eyes: those get Events. Safe from any thread; does nothing before open().
#pragma once

#include <string>
#include <string_view>

namespace skiff::sys::log {

void open(const std::string& file, bool to_stderr);
// What open() was given, where it could be written; else empty.
std::string file();
void debug(std::string_view text);
void info(std::string_view text);
void warn(std::string_view text);

}  // namespace skiff::sys::log
