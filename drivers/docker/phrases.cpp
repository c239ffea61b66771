// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/phrases.h"

#include <algorithm>
#include <array>

namespace skiff::drivers::docker {

namespace {

struct Entry {
  Phrase phrase;
  std::string_view words;
};

// The shorter of two that mean the same is for releases whose words differ.
constexpr std::array table{
    Entry{Phrase::range_taken, "Pool overlaps with other one on this address space"},
    Entry{Phrase::range_taken, "overlaps with existing routes"},
    Entry{Phrase::range_taken, "conflicts with network"},
    Entry{Phrase::range_taken, "overlap"},
    Entry{Phrase::range_taken, "is already used on the host or by another config"},  // podman
    Entry{Phrase::port_taken, "port is already allocated"},
    Entry{Phrase::port_taken, "address already in use"},
    Entry{Phrase::address_absent, "cannot assign requested address"},
    Entry{Phrase::capability_refused, "unable to apply caps"},
    Entry{Phrase::capability_refused, "capabilit"},
    Entry{Phrase::device_absent, "error gathering device information while adding custom device"},
    Entry{Phrase::program_absent, "no such file or directory"},
    Entry{Phrase::disk_full, "no space left on device"},
};

}  // namespace

bool says(std::string_view answer, Phrase phrase) {
  return std::ranges::any_of(table, [&](const Entry& entry) {
    return entry.phrase == phrase && answer.find(entry.words) != std::string_view::npos;
  });
}

}  // namespace skiff::drivers::docker
