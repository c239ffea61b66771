// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/dns_probe.h"

#include <algorithm>

#include "base/strings.h"
#include "cluster/nodes/question.h"

namespace skiff::cluster {
namespace {

std::string two_bytes(std::size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }

}  // namespace

std::string dns_query(std::string_view name) {
  std::string message = two_bytes(0x736b);                             // id
  message += two_bytes(0x0100) + two_bytes(1) + std::string(6, '\0');  // recursion desired; one question
  for (const auto& label : split(name, '.')) message += static_cast<char>(label.size()) + label;
  message += '\0' + two_bytes(1) + two_bytes(1);  // root; type A, class IN
  return two_bytes(message.size()) + message;
}

bool dns_answered(std::string_view answer) {
  constexpr std::size_t header = 2 + 12;
  if (answer.size() < header) return false;
  const int code = answer[5] & 0x0f;
  const int records = static_cast<unsigned char>(answer[8]) << 8 | static_cast<unsigned char>(answer[9]);
  return code == 0 && records > 0;
}

Result<void> wait_for_dns(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node, Ipv4 server,
                          const std::string& domain) {
  // A proxy rule that still leads to a pod of the last run swallows the question: ask anew rather than wait long, but
  // wait longer each time, for the sake of slow machines.
  for (Duration patience(300);; patience = std::min(patience * 2, Duration(5000))) {
    const auto answer = ask_from_node(ctx.within(patience), driver, node, to_string(server), 53,
                                      dns_query("kubernetes.default.svc." + domain), dns_answered);
    if (answer.ok() && dns_answered(*answer)) return {};
    if (ctx.deadline.passed()) {
      return make_error(ErrorId::kube_timeout, "Cluster DNS does not answer on " + node.name);
    }
    TRY(ctx.pause(std::chrono::milliseconds(50)));
  }
}

}  // namespace skiff::cluster
