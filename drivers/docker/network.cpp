// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/network.h"

#include "drivers/common/subnets.h"
#include "drivers/docker/host_facts.h"
#include "drivers/docker/phrases.h"
#include "drivers/docker/resources.h"
#include "model/dual_stack.h"
#include "sys/net/host_net.h"

namespace skiff::drivers::docker {

namespace {

Result<Cidr> range_of(const Json& network) { return parse_cidr(text_at(network, "IPAM.Config.0.Subnet")); }

// Ranges of this host and of every Docker network; the latter differ when the engine runs on another machine.
Result<std::vector<Cidr>> taken_ranges(const Context& ctx, Engine& engine) {
  std::vector<std::string> texts = sys::used_ranges();
  const Json networks = TRY(engine.get(ctx, "/networks"));
  for (const auto& network : array_at(networks, "")) {
    for (const auto& config : array_at(network, "IPAM.Config")) texts.push_back(text_at(config, "Subnet"));
  }
  return ranges_of(texts);
}

// Somebody else's network, which the user named: the nodes' addresses must be free to choose, and its first one the
// host's, as on a network of our own.
Result<void> check_joinable(const Json& network, const ClusterSpec& spec, const Cidr& range) {
  const std::string name = network_name(spec);
  const auto refused = [&](const std::string& why) {
    return make_error(ErrorId::unsupported, "Nodes cannot join the Docker network '" + name + "': " + why,
                      "Make one with 'docker network create --subnet=192.168.90.0/24 NAME', or leave --network out");
  };
  if (text_at(network, "Driver") != "bridge") return refused("it is no bridge");
  if (name == "bridge") return refused("Docker gives no fixed addresses on this one");
  if (range.bits != 24) return refused("its range " + to_string(range) + " is no /24");
  const std::string gateway = text_at(network, "IPAM.Config.0.Gateway");
  if (!gateway.empty() && gateway != to_string(range.host(1))) return refused("its host has not the first address");
  if (range.overlaps(spec.pod_range) || range.overlaps(spec.service_range)) {
    return refused("its range " + to_string(range) + " overlaps those of pods and services");
  }
  return {};
}

Result<Cidr> keep(const Json& network, const ClusterSpec& spec, const Cidr& wanted) {
  const std::string name = network_name(spec);
  const Labels labels = labels_in(network, "Labels");
  const bool ours = cluster_in(labels) == identity_of(spec);
  const bool joined = !spec.network_name.empty() && cluster_in(labels).name.empty();
  if (!ours && !joined) {
    return not_ours("The Docker network '" + name + "'", labels, "Remove it with 'docker network rm " + name + "'");
  }
  const Cidr range = TRY(range_of(network));
  if (joined) TRY(check_joinable(network, spec, range));
  if (wanted != Cidr{} && wanted != range) {
    return make_error(ErrorId::subnet_conflict, "The network '" + name + "' already has the range " + to_string(range) +
                                                    ", not " + to_string(wanted));
  }
  return range;
}

JsonObject description(const ClusterSpec& spec, const Cidr& range, std::optional<int> mtu) {
  JsonArray pools{JsonObject{{"Subnet", to_string(range)}, {"Gateway", to_string(range.host(1))}}};
  if (spec.dual_stack) {
    pools.push_back(JsonObject{{"Subnet", nodes_range6(range)}, {"Gateway", node_address6(range, range.host(1))}});
  }
  JsonObject options;
  if (mtu) options["com.docker.network.driver.mtu"] = std::to_string(*mtu);
  return {{"Name", network_name(spec)},
          {"CheckDuplicate", true},
          {"Driver", "bridge"},
          {"EnableIPv6", spec.dual_stack},
          {"IPAM", JsonObject{{"Driver", "default"}, {"Config", std::move(pools)}}},
          {"Options", std::move(options)},
          {"Labels", to_json(cluster_labels(spec))}};
}

}  // namespace

Result<Cidr> ensure_network(const Context& ctx, Engine& engine, const ClusterSpec& spec, const Cidr& wanted) {
  const std::string path = "/networks/" + network_name(spec);
  if (const auto existing = TRY(engine.find(ctx, path))) return keep(*existing, spec, wanted);

  const auto taken = TRY(taken_ranges(ctx, engine));
  TRY(check_inner_ranges(spec, taken));
  const auto mtu = TRY(network_mtu(ctx, engine));
  Error last;
  for (const Cidr& range : TRY(free_subnets(spec, wanted, taken))) {
    const auto created = create(ctx, engine, "/networks/create", description(spec, range, mtu), {409});
    if (created.ok()) {
      if (created->status != 409) return range;
      return keep(TRY(engine.get(ctx, path)), spec, wanted);  // somebody else made it meanwhile
    }
    last = created.error();
    // Taken since we looked, by another process or by something that only the engine sees.
    if (!says(last.what, Phrase::range_taken)) return last;
  }
  last.id = ErrorId::subnet_conflict;
  return last;
}

}  // namespace skiff::drivers::docker
