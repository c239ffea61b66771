// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/expose.h"

#include "cluster/nodes/node_access.h"
#include "cluster/reach/agent.h"

namespace skiff::cluster {
namespace {

Result<std::vector<ServiceKey>> keys_of(const Context& ctx, kube::Client& client, const Exposure& wanted) {
  std::vector<ServiceKey> keys;
  for (const auto& name : wanted.names) keys.push_back({wanted.ns, name});
  if (!keys.empty()) return keys;
  for (const auto& object : TRY(client.list(ctx, service_resource, wanted.ns))) {
    if (check_forwardable(read_service(object)).ok()) keys.push_back(key_of(object));
  }
  if (!keys.empty()) return keys;
  return make_error(ErrorId::service_not_found, "The namespace '" + wanted.ns + "' has no service");
}

Result<std::vector<PortForward>> wanted_forwards(const Context& ctx, kube::Client& client, const Exposure& wanted) {
  const auto keys = TRY(keys_of(ctx, client, wanted));
  if (wanted.local_port != 0 && keys.size() > 1) {
    return make_error(ErrorId::usage, "--local-port is for one service");
  }
  std::vector<PortForward> all;
  for (const auto& key : keys) {
    const auto service = TRY(find_ready_service(ctx, client, key, wanted.wait));
    const auto forwards = TRY(forwards_of(service, wanted.local_port, wanted.address));
    all.insert(all.end(), forwards.begin(), forwards.end());
  }
  return all;
}

}  // namespace

Result<std::vector<PortForward>> expose(const Context& ctx, const Home& home, const Exposure& wanted) {
  constexpr Duration longest_answer = std::chrono::seconds(30);
  auto cluster = TRY(open_running(ctx, home, wanted.profile));
  const auto forwards = TRY(wanted_forwards(ctx, cluster.client, wanted));
  return hold_forwards(ctx.within(longest_answer), home, wanted.profile, forwards);
}

Result<ExposedHere> expose_here(const Context& ctx, const Home& home, const Exposure& wanted) {
  auto cluster = TRY(open_running(ctx, home, wanted.profile));
  const auto forwards = TRY(wanted_forwards(ctx, cluster.client, wanted));
  ExposedHere exposed{TRY(ServiceForwards::start(ctx, std::move(cluster))), {}};
  exposed.held = TRY(exposed.forwards->add(ctx, forwards));
  exposed.forwards->await_endpoints(ctx, exposed.held);
  return exposed;
}

}  // namespace skiff::cluster
