// SPDX-License-Identifier: Apache-2.0
// The text of a hosts file (hosts(5)) and skiff's part in it: pure edits. Per profile there is one marked block
//
//   # skiff lab@1000-3f2a9c1b begin
//   127.0.0.1 helloworld.test # skiff lab@1000-3f2a9c1b
//   # skiff lab@1000-3f2a9c1b end
//
// Every line of it names its block, so that ours are known even when the block was torn apart by hand: an edit
// removes exactly the block's markers and lines, wherever they stand, and keeps every other byte. A block's name is the
// profile's, then the user and a hash of his skiff home: others have profiles of the same name. Lines with the
// profile's name alone, as they once were, count as the block's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace skiff::net {

struct HostsEntry {
  std::string name;
  Address address;
  auto operator<=>(const HostsEntry&) const = default;
};

// A name that the file maps already, to another address, outside the block. It is left out of the block: the
// first line of a hosts file wins, and which one that should be is the user's to say.
struct HostsConflict {
  std::string name;
  std::string address;
  int line = 0;  // 1-based, in the text before the edit
  auto operator<=>(const HostsConflict&) const = default;
};

struct HostsEdit {
  std::string text;
  std::vector<HostsConflict> conflicts;
};

// Puts the block where it stands, or else at the end. Without entries that belong into it there is no block.
// Lines end as the first line of the file does (LF or CRLF), and a file without a final newline stays one.
HostsEdit set_hosts_block(std::string_view text, std::string_view block, const std::vector<HostsEntry>& entries);
std::string remove_hosts_block(std::string_view text, std::string_view block);

// Usage unless it is "lab" or "lab@1000-3f2a9c1b".
Result<void> check_block_name(std::string_view block);

// RFC 1123 host names, no wildcards, in any case; "localhost" is not ours to map. Usage otherwise.
Result<void> check_host_name(std::string_view name);

}  // namespace skiff::net
