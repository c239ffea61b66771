// SPDX-License-Identifier: Apache-2.0
// What Docker says in words alone: its API has one status for many reasons. All phrases that skiff looks for are here,
// and tests/unit/drivers/phrases_test.cpp holds whole answers, and says of which release they were recorded.
#pragma once

#include <string_view>

namespace skiff::drivers::docker {

enum class Phrase {
  range_taken,         // of addresses, by another network
  port_taken,          // of the engine's host
  address_absent,      // no interface of the engine's host has the one that a port was to be bound to
  capability_refused,  // by the runtime or the kernel
  device_absent,       // on the engine's host
  program_absent,      // in the image
  disk_full,
};

bool says(std::string_view answer, Phrase phrase);

}  // namespace skiff::drivers::docker
