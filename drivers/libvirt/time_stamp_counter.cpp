// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/time_stamp_counter.h"

#ifdef __x86_64__
#include <x86intrin.h>

#include <chrono>
#include <thread>
#endif

namespace skiff::drivers::libvirt {

#ifdef __x86_64__
namespace {

std::int64_t measure() {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const auto first = __rdtsc();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const auto last = __rdtsc();
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began).count();
  return static_cast<std::int64_t>(static_cast<double>(last - first) * 1e6 / static_cast<double>(took));
}

}  // namespace

std::int64_t time_stamp_counter_khz() {
  static const std::int64_t speed = measure();
  return speed;
}
#else
std::int64_t time_stamp_counter_khz() { return 0; }
#endif

}  // namespace skiff::drivers::libvirt
