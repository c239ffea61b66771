// The text of a hosts file (hosts(5)) and skiff's part in it: pure edits. Per profile there is one marked block
//
//   # skiff lab begin
//   127.0.0.1 helloworld.test # skiff lab
//   # skiff lab end
//
// Every line of it names its profile, so that ours are known even when the block was torn apart by hand: an edit
// removes exactly the profile's markers and lines, wherever they stand, and keeps every other byte.
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

// A name that the file maps already, to another address, outside the profile's block. It is left out of the block: the
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

// Puts the profile's block where it stands, or else at the end. Without entries that belong into it there is no block.
// Lines end as the first line of the file does (LF or CRLF), and a file without a final newline stays one.
HostsEdit set_hosts_block(std::string_view text, std::string_view profile, const std::vector<HostsEntry>& entries);
std::string remove_hosts_block(std::string_view text, std::string_view profile);

// RFC 1123 host names, no wildcards, in any case; "localhost" is not ours to map. Usage otherwise.
Result<void> check_host_name(std::string_view name);

}  // namespace skiff::net
