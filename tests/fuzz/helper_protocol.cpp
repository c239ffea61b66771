// SPDX-License-Identifier: Apache-2.0
#include "net/helper/helper_protocol.h"

#include "base/strings.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

using namespace skiff::net;

void check(const BindRequest& request) {
  must_hold(is_loopback(request.point.address), "only local addresses are bound");
  must_hold(request.point.port != 0, "no port of the kernel's choice");
}

void check(const HostsRequest& request) {
  must_hold(request.entries.size() <= helper_most_hosts, "a bounded number of hosts");
  must_hold(request.block.find_first_of(" \n#") == std::string::npos, "a block's name is one word");
  for (const auto& entry : request.entries) {
    must_hold(is_loopback(entry.address), "only local addresses are mapped");
    must_hold(check_host_name(entry.name).ok(), "only host names are mapped");
  }
}

}  // namespace

void helper_protocol(std::string_view input) {
  HelperRequestParser parser;
  for (const auto& line : split(input, '\n')) {
    [[maybe_unused]] const auto reply = parse_reply(line);
    const auto request = parser.line(line);
    if (!request.ok()) return;
    if (!*request) continue;
    std::visit([](const auto& each) { check(each); }, **request);

    HelperRequestParser again;
    std::optional<HelperRequest> same;
    for (const auto& part : split(to_lines(**request), '\n')) {
      if (part.empty()) continue;
      const auto parsed = again.line(part);
      must_hold(parsed.ok(), "what was admitted is admitted again");
      same = *parsed;
    }
    must_hold(same == *request, "a request survives the way");
  }
}

}  // namespace skiff::fuzz
