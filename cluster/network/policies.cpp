// SPDX-License-Identifier: Apache-2.0
#include "cluster/network/policies.h"

#include <sys/utsname.h>

#include <algorithm>

#include "base/strings.h"
#include "sys/archive.h"
#include "sys/files.h"

namespace skiff::cluster {
namespace {

constexpr std::string_view enforced = "enforced";

// The service tells in this file, of the contract with the node image, before it waits for anything.
constexpr auto ask_service = R"sh(told=/run/skiff/network-policy
if [ -e /etc/skiff/services/network-policy ]; then
  until [ -e $told ]; do sleep 0.05; done
  cat $told
else
  echo 'the node image has nothing that enforces them'
fi)sh";

Result<std::string> unpacked(const std::string& path) {
  auto archive = TRY(sys::ArchiveReader::open_compressed(TRY(sys::pieces_of(path)), path));
  std::string text;
  if (!TRY(archive.next())) return text;
  for (;;) {
    const std::string piece = TRY(archive.read(1 << 20));
    if (piece.empty()) return text;
    text += piece;
  }
}

}  // namespace

std::optional<std::string> why_not_enforced(std::string_view told) {
  const auto words = trim(told);
  return words.empty() || words == enforced ? std::nullopt : std::optional<std::string>(words);
}

Result<void> warn_of_policies(const Context& ctx, const Cluster& cluster, const std::vector<PlannedNode>& plan) {
  if (!enforces_policies(cluster.spec)) return {};
  const auto started = std::ranges::find_if(plan, [](const PlannedNode& planned) {
    return planned.action == NodeAction::create || planned.action == NodeAction::start;
  });
  if (started == plan.end()) return {};
  const auto node = cluster.node(started->node.name);
  const auto told = TRY(drivers::capture(ctx, *cluster.driver, node, {"sh", "-c", ask_service}));
  if (const auto why = why_not_enforced(told.out)) {
    ctx.events->warning("NetworkPolicies are taken by the API, and not enforced: " + *why);
  }
  return {};
}

bool asks_about_packets(std::string_view config) {
  const auto has = [lines = split(config, '\n')](const std::string& option) {
    return std::ranges::any_of(lines, [&](const std::string& line) {
      return line == "CONFIG_" + option + "=y" || line == "CONFIG_" + option + "=m";
    });
  };
  const bool by_target = has("NFT_COMPAT") && has("NETFILTER_XT_TARGET_NFQUEUE");
  return has("NETFILTER_NETLINK_QUEUE") && (has("NFT_QUEUE") || by_target);
}

std::optional<std::string> kernel_config() {
  utsname kernel{};
  ::uname(&kernel);
  if (auto text = unpacked("/proc/config.gz"); text.ok()) return *std::move(text);
  if (auto text = sys::read_file(std::string("/boot/config-") + kernel.release); text.ok()) return *std::move(text);
  return std::nullopt;
}

}  // namespace skiff::cluster
