// SPDX-License-Identifier: Apache-2.0
#include "net/helper/helper_protocol.h"

#include <limits>

#include "base/strings.h"
#include "net/error_id.h"

namespace skiff::net {
namespace {

Error not_allowed(std::string_view what) {
  return make_error(ErrorId::usage, "The privileged helper refuses " + std::string(what));
}

Result<Address> parse_loopback(std::string_view text) {
  const Address address = TRY(parse_address(text));
  if (!is_loopback(address)) return not_allowed("an address that is not local: " + to_string(address));
  return address;
}

Result<BindRequest> parse_bind(const std::vector<std::string>& words) {
  if (words.size() != 4) return not_allowed("a malformed request");
  const Protocol protocol = TRY(parse_protocol(words[1]));
  const Address address = TRY(parse_loopback(words[2]));
  const long long port = TRY(parse_int(words[3], "The port"));
  if (port < 1 || port > std::numeric_limits<std::uint16_t>::max()) return not_allowed("a port out of range");
  return BindRequest{{protocol, address, static_cast<std::uint16_t>(port)}};
}

Result<HostsEntry> parse_entry(std::string_view line) {
  const auto words = split(line, ' ');
  if (words.size() != 2) return not_allowed("a malformed hosts entry");
  const Address address = TRY(parse_loopback(words[0]));
  TRY(check_host_name(words[1]));
  return HostsEntry{to_lower(words[1]), address};
}

}  // namespace

Result<std::optional<HelperRequest>> HelperRequestParser::line(std::string_view text) {
  const auto complete = [](HelperRequest request) { return std::optional(std::move(request)); };
  if (text.size() > helper_longest_line) return not_allowed("a line that is too long");
  if (missing_ > 0) {
    hosts_.entries.push_back(TRY(parse_entry(text)));
    if (--missing_ > 0) return std::optional<HelperRequest>();
    return complete(std::exchange(hosts_, {}));
  }
  const auto words = split(text, ' ');
  if (words[0] == "bind") return complete(TRY(parse_bind(words)));
  if (words[0] == "hosts-clear" && words.size() == 2) {
    TRY(check_block_name(words[1]));
    return complete(HostsRequest{words[1], {}});
  }
  if (words[0] == "hosts" && words.size() == 3) {
    TRY(check_block_name(words[1]));
    const long long count = TRY(parse_int(words[2], "The number of hosts"));
    if (count < 1 || count > static_cast<long long>(helper_most_hosts)) return not_allowed("that number of hosts");
    hosts_.block = words[1];
    missing_ = static_cast<std::size_t>(count);
    return std::optional<HelperRequest>();
  }
  return not_allowed("an unknown request");
}

std::string to_lines(const HelperRequest& request) {
  if (const auto* bind = std::get_if<BindRequest>(&request)) {
    return "bind " + std::string(to_string(bind->point.protocol)) + " " + to_string(bind->point.address) + " " +
           std::to_string(bind->point.port) + "\n";
  }
  const auto& hosts = std::get<HostsRequest>(request);
  if (hosts.entries.empty()) return "hosts-clear " + hosts.block + "\n";
  std::string lines = "hosts " + hosts.block + " " + std::to_string(hosts.entries.size()) + "\n";
  for (const auto& entry : hosts.entries) lines += to_string(entry.address) + " " + entry.name + "\n";
  return lines;
}

std::string to_reply(const Result<void>& outcome) {
  if (outcome.ok()) return "ok\n";
  const Error& error = outcome.error();
  return "error " + std::string(info(error.id).name) + " " + replace_all(error.what, "\n", " ") + "\n";
}

Result<void> parse_reply(std::string_view line) {
  if (line == "ok") return {};
  constexpr std::string_view prefix = "error ";
  const auto rest = line.substr(std::min(line.size(), prefix.size()));
  const auto space = rest.find(' ');
  const auto id = error_id(rest.substr(0, space));
  if (!line.starts_with(prefix) || space == std::string_view::npos || !id) {
    return make_error(ErrorId::internal, "The privileged helper gave an answer that makes no sense");
  }
  return make_error(*id, std::string(rest.substr(space + 1)));
}

}  // namespace skiff::net
