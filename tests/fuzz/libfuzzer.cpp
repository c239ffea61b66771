// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry to the target SKIFF_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>

#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  skiff::fuzz::SKIFF_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
