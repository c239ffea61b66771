// SPDX-License-Identifier: Apache-2.0
#include "coverage.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

namespace {

std::array<std::atomic<bool>, 1U << 16U> taken;  // by a hash of both places; two that share one are told apart no more
std::atomic<bool> any_new = false;

}  // namespace

// -fsanitize-coverage=trace-pc calls it at the beginning of every basic block.
extern "C" void __sanitizer_cov_trace_pc();
void __sanitizer_cov_trace_pc() {
  thread_local std::uintptr_t before = 0;
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  const auto step = (here ^ (before >> 1U)) * 0x9E3779B97F4A7C15U >> 48U;
  before = here;
  if (!taken[step].load(std::memory_order_relaxed)) {
    taken[step].store(true, std::memory_order_relaxed);
    any_new.store(true, std::memory_order_relaxed);
  }
}

namespace skiff::fuzz {

bool reached_new_places() { return any_new.exchange(false); }

}  // namespace skiff::fuzz
