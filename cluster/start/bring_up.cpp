// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/bring_up.h"

#include <algorithm>
#include <iterator>

#include "base/parallel.h"
#include "base/utc.h"
#include "cluster/images/node_images.h"
#include "cluster/network/pod_network.h"
#include "cluster/network/policies.h"
#include "cluster/nodes/control_planes.h"
#include "cluster/nodes/drain.h"
#include "cluster/nodes/node_objects.h"
#include "cluster/reach/service.h"
#include "cluster/start/dns_probe.h"
#include "cluster/start/name_servers.h"
#include "kube/kept_objects.h"
#include "kube/objects.h"

namespace skiff::cluster {
namespace {

// Early in its life the API refuses what it will soon accept: connections, then namespaces that do not exist yet, then
// addresses whose range is not registered yet; and that of several control planes may move from one to another. The
// pause is a poll for lack of anything to watch.
Result<void> until_accepted(const Context& ctx, const std::function<Result<void>()>& alive,
                            const std::function<Result<void>()>& write) {
  constexpr auto between = std::chrono::milliseconds(40);
  for (int tries = 1;; ++tries) {
    auto written = write();
    if (written.ok()) return {};
    Error error = std::move(written).error();
    if (error.id == ErrorId::interrupted || error.id == ErrorId::internal) return error;
    if (ctx.deadline.passed()) {
      Error late = make_error(ErrorId::kube_timeout, "The Kubernetes API did not come up in time");
      late.trail.push_back(error.what);
      return late;
    }
    if (tries % 25 == 0) TRY(alive());
    TRY(ctx.pause(between));
  }
}

Result<void> control_planes_run(const Context& ctx, const Cluster& cluster) {
  const int all = control_plane_count(cluster.spec);
  const auto running = running_control_planes(cluster.spec, TRY(cluster.nodes(ctx)));
  if (has_majority(cluster.spec, running)) return {};
  return make_error(ErrorId::node_failed,
                    all == 1
                        ? "The control plane node " + control_plane_of(cluster.spec) + " ended while it was starting"
                        : "Only " + std::to_string(running.size()) + " of " + std::to_string(all) +
                              " control planes run: the others ended while they were starting");
}

Result<void> taint(const Context& ctx, LiveCluster& cluster) {
  return until_accepted(
      ctx, [&] { return control_planes_run(ctx, cluster); },
      [&] { return taint_control_planes(ctx, cluster.client, cluster.spec); });
}

// As the API writes times: texts compare like the times they stand for. Without the zone: a time with a fraction, as
// leases have it, sorts before the same second with its Z.
std::string without_zone(std::time_t time) {
  return utc_text(time).substr(0, std::string_view("2026-11-29T08:15:00").size());
}

bool ready_since(const Json& node, const std::string& since) {
  return std::ranges::any_of(array_at(node, "status.conditions"), [&](const Json& condition) {
    return text_at(condition, "type") == "Ready" && text_at(condition, "status") == "True" &&
           text_at(condition, "lastHeartbeatTime") >= since;
  });
}

Result<void> wait_for_nodes(const Context& ctx, kube::Client& client, const std::vector<PlannedNode>& plan,
                            std::time_t began) {
  std::string missing;
  std::vector<std::string> closed;  // by an upgrade, for as long as they were not Ready
  const auto all_ready = [&](const kube::Client::Objects& nodes) {
    missing.clear();
    closed.clear();
    for (const auto& [node, action] : plan) {
      const bool booted = action != NodeAction::keep && action != NodeAction::resume;
      const std::string since = booted ? without_zone(began) : "";
      const auto found = nodes.find("/" + node.name);
      if (found == nodes.end() || !ready_since(found->second, since))
        missing += " " + node.name;
      else if (is_closed_for_now(found->second))
        closed.push_back(node.name);
    }
    return missing.empty();
  };
  auto ready = client.wait(ctx, {"v1", "nodes", false}, "", "", all_ready, "all nodes to be Ready");
  if (!ready.ok() && ready.error().id == ErrorId::kube_timeout) {
    return make_error(ErrorId::node_timeout, "Not Ready in time:" + missing);
  }
  TRY(std::move(ready));
  return parallel_for(ctx, closed, [&](const Context& c, const std::string& node) { return reopen(c, client, node); });
}

// A node that goes on from its memory finds its status as it was, and has no reason to tell it anew; its lease it does
// renew, every ten seconds.
Result<void> wait_for_resumed(const Context& ctx, kube::Client& client, const std::vector<PlannedNode>& plan,
                              std::time_t began) {
  if (std::ranges::none_of(plan, [](const auto& p) { return p.action == NodeAction::resume; })) return {};
  const std::string since = without_zone(began);
  const auto all_renewed = [&](const kube::Client::Objects& leases) {
    return std::ranges::all_of(plan, [&](const PlannedNode& planned) {
      const auto lease = leases.find("kube-node-lease/" + planned.node.name);
      return planned.action != NodeAction::resume ||
             (lease != leases.end() && text_at(lease->second, "spec.renewTime") >= since);
    });
  };
  return client.wait(ctx, {"coordination.k8s.io/v1", "leases", true}, "kube-node-lease", "", all_renewed,
                     "the resumed nodes to renew their leases");
}

std::ptrdiff_t count_control_planes(const std::vector<PlannedNode>& plan, NodeAction action) {
  return std::ranges::count_if(plan, [&](const PlannedNode& planned) {
    return planned.node.role == Role::control_plane && planned.action == action;
  });
}

// Until each control plane of the plan serves by itself, which it does once its etcd votes. The pause is a poll for
// lack of anything to watch.
Result<void> await_api_servers(const Context& ctx, const LiveCluster& cluster, const std::vector<PlannedNode>& plan) {
  if (!shares_api(cluster.spec)) return {};
  auto nodes = TRY(cluster.nodes(ctx));
  std::erase_if(nodes, [&](const drivers::ObservedNode& node) {
    return node.role != Role::control_plane ||
           std::ranges::none_of(plan, [&](const PlannedNode& planned) { return planned.node.name == node.id.name; });
  });
  Step step(*ctx.events, "control-planes", "Waiting for every control plane to serve by itself");
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::ObservedNode& node) -> Result<void> {
    kube::Access access = cluster.access;
    access.server = "https://" + node.api;
    kube::Client client(access);
    for (;;) {
      const auto answer = client.raw_get(c, "/readyz");
      if (answer.ok() && answer->status == 200) return {};
      if (c.deadline.passed()) {
        return make_error(ErrorId::node_timeout, "The API server on " + node.id.name + " did not come up in time");
      }
      TRY(c.pause(std::chrono::milliseconds(50)));
    }
  }));
  step.done();
  return {};
}

}  // namespace

Result<void> write_objects(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                           std::time_t began) {
  const PlacedSpec spec = cluster.placed();
  kube::Client& client = cluster.client;
  const auto alive = [&] { return control_planes_run(ctx, cluster); };

  Step api(*ctx.events, "api", "Waiting for the Kubernetes API");
  auto nodes = nodes_of(spec);
  for (auto& node : nodes) {
    if (spec.node_names == NodeNames::numbers) node.labels.merge(kube::minikube_labels(spec, node, began));
  }
  // Of control planes that are all made now there can be no objects yet.
  const bool fresh = count_control_planes(plan, NodeAction::create) == control_plane_count(spec);
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const NodeSpec& node) {
    return until_accepted(c, alive, [&] { return kube::apply_kept(c, client, kube::node_object(node), fresh); });
  }));
  TRY(forget_other_nodes(ctx, client, spec));
  api.done();

  Step system(*ctx.events, "system", "Installing cluster DNS");
  auto objects = TRY(kube::cluster_dns_objects(spec));
  if (enforces_policies(spec)) std::ranges::move(TRY(kube::policy_objects()), std::back_inserter(objects));
  TRY(parallel_for(ctx, objects, [&](const Context& c, const Json& object) {
    return until_accepted(c, alive, [&] { return kube::apply_kept(c, client, object, fresh); });
  }));
  system.done();
  return {};
}

Result<void> bring_up(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                      std::time_t began) {
  TRY(write_objects(ctx, cluster, plan, began));
  Step ready(*ctx.events, "ready", "Waiting for the nodes to be Ready");
  TRY(wait_for_resumed(ctx, cluster.client, plan, began));
  TRY(wait_for_nodes(ctx, cluster.client, plan, began));
  TRY(taint(ctx, cluster));  // not before others can take their pods
  ready.done();
  return {};
}

Result<void> await_account(const Context& ctx, kube::Client& client) {
  Step account(*ctx.events, "accounts", "Waiting for the default service account");
  TRY(kube::await_default_account(ctx, client));
  account.done();
  return {};
}

Result<void> await_dns(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan) {
  kube::Client& client = cluster.client;
  TRY(await_account(ctx, client));
  Step dns(*ctx.events, "dns", "Waiting for cluster DNS to answer on every node");
  TRY(client.wait(ctx, {"discovery.k8s.io/v1", "endpointslices", true}, "kube-system",
                  "kubernetes.io/service-name=kube-dns", has_ready_endpoint, "cluster DNS to be ready"));
  TRY(parallel_for(ctx, plan, [&](const Context& c, const PlannedNode& planned) {
    return wait_for_dns(c, *cluster.driver, cluster.node(planned.node.name), dns_service_address(cluster.spec),
                        cluster.spec.kubernetes.dns_domain);
  }));
  dns.done();
  return {};
}

Result<void> make_usable(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                         const std::vector<PlannedNode>& run, const drivers::HostFacts& facts,
                         const std::function<Result<void>(const Context&)>& meanwhile) {
  TRY(bring_up(ctx, cluster, plan, facts.now));
  TRY(renew_name_servers(ctx, cluster, plan, facts.resolver));
  TRY(share_images_with_new(ctx, cluster, run));
  std::vector<std::function<Result<void>(const Context&)>> tasks = {
      [&](const Context& c) { return await_dns(c, cluster, plan); },
      [&](const Context& c) { return await_api_servers(c, cluster, plan); },
      [&](const Context& c) { return warn_of_policies(c, cluster, plan); }};
  if (meanwhile) tasks.push_back(meanwhile);
  return parallel(ctx, tasks);
}

Result<void> make_ready_for_network(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                                    const std::vector<PlannedNode>& run, const drivers::HostFacts& facts) {
  TRY(write_objects(ctx, cluster, plan, facts.now));
  TRY(taint(ctx, cluster));
  TRY(await_account(ctx, cluster.client));
  TRY(await_api_servers(ctx, cluster, plan));
  TRY(share_images_with_new(ctx, cluster, run));
  ctx.events->warning("There is no network for pods yet: the nodes stay NotReady until one is brought");
  return {};
}

Result<void> make_as_usable_as_it_gets(const Context& ctx, LiveCluster& cluster, const std::vector<PlannedNode>& plan,
                                       const std::vector<PlannedNode>& run, const drivers::HostFacts& facts) {
  return TRY(has_network(ctx, cluster)) ? make_usable(ctx, cluster, plan, run, facts)
                                        : make_ready_for_network(ctx, cluster, plan, run, facts);
}

Duration usual_wait(const drivers::DriverTraits& traits) { return std::chrono::minutes(traits.slow ? 30 : 6); }

}  // namespace skiff::cluster
