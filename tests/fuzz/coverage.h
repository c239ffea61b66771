// SPDX-License-Identifier: Apache-2.0
// What of the parsers has run: the sense of direction of a fuzzer.
#pragma once

namespace skiff::fuzz {

// Whether, since the last call, a step from one place of the parsers to another was taken for the first time. Only a
// build under AddressSanitizer knows (CMakeLists.txt); in any other nothing is ever new.
bool reached_new_places();

}  // namespace skiff::fuzz
