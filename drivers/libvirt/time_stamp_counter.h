// SPDX-License-Identifier: Apache-2.0
// The processor's time stamp counter, which an emulated machine sees as its own.
#pragma once

#include <cstdint>

namespace skiff::drivers::libvirt {

// Its speed on this host, measured once within 20 ms to some parts in a million; 0 where there is none.
std::int64_t time_stamp_counter_khz();

}  // namespace skiff::drivers::libvirt
