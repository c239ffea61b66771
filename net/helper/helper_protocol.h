// SPDX-License-Identifier: Apache-2.0
// What skiff asks of its privileged helper, as lines of text:
//
//   bind tcp 127.0.0.2 80      answered by "ok" with the bound, listening socket
//   hosts lab@1000-3f2a9c1b 1  answered by "ok"; that many lines "<address> <name>" follow
//   127.0.0.1 helloworld.test
//   hosts-clear lab@1000-3f2a9c1b  answered by "ok"
//
// A failure is answered by "error <ERROR_ID> <text>". The parser admits nothing that the helper may not do: only
// loopback addresses, valid block and host names, bounded counts and lengths.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/hosts/hosts_text.h"

namespace skiff::net {

struct BindRequest {
  ListenPoint point;
  auto operator<=>(const BindRequest&) const = default;
};
struct HostsRequest {
  std::string block;                // see net/hosts/hosts_text.h
  std::vector<HostsEntry> entries;  // none: the block is to go
  auto operator<=>(const HostsRequest&) const = default;
};
using HelperRequest = std::variant<BindRequest, HostsRequest>;

inline constexpr std::string_view helper_ready = "ready 1";  // its first line; the number is the protocol's version
inline constexpr std::size_t helper_longest_line = 512;
inline constexpr std::size_t helper_most_hosts = 1000;

class HelperRequestParser {
 public:
  // The request that this line completes, nothing while more lines belong to it; usage for anything not allowed, after
  // which the parser is of no more use.
  Result<std::optional<HelperRequest>> line(std::string_view text);

 private:
  HostsRequest hosts_;
  std::size_t missing_ = 0;  // lines of hosts_
};

std::string to_lines(const HelperRequest& request);

std::string to_reply(const Result<void>& outcome);
Result<void> parse_reply(std::string_view line);

}  // namespace skiff::net
