// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/service_routes.h"

#include <algorithm>

namespace skiff::cluster {
namespace {

// An address that only the nodes see; the node image has the program that dials it (see net/forward/route_source.h).
net::Target through(const std::shared_ptr<ClusterView>& view, const drivers::NodeId& node, std::string where) {
  const auto run = [view, node](const Context& ctx, const auto& in, const auto& out) -> Result<void> {
    std::string said;
    drivers::ExecRequest request;
    request.argv = {"skiff-relay"};
    request.in = in;
    request.out = out;
    request.err = [&](std::string_view piece) { said += piece; };
    const int code = TRY(view->driver().exec(ctx, node, request));
    return make_error(ErrorId::network, "The relay in the node '" + node.name + "' ended with exit code " +
                                            std::to_string(code) + (said.empty() ? "" : ": " + said));
  };
  return net::NodeTarget{node.name, std::move(where), run};
}

Error nothing_runs(const ClusterView& view) {
  return make_error(ErrorId::cluster_not_running, "No node of the cluster '" + view.spec().profile + "' runs");
}

class ServiceRoute final : public net::RouteSource {
 public:
  ServiceRoute(std::shared_ptr<ClusterView> view, ServiceKey key, net::Protocol protocol, std::uint16_t port)
      : view_(std::move(view)), key_(std::move(key)), protocol_(protocol), port_(port) {}

  Result<net::Route> resolve(const net::Incoming&) override {
    const auto service = view_->service(key_);
    if (!service) {
      return make_error(ErrorId::service_not_found, "The service " + to_string(key_) + " is not there any more");
    }
    const auto port = std::ranges::find_if(
        service->ports, [&](const ServicePort& each) { return each.protocol == protocol_ && each.port == port_; });
    if (port == service->ports.end()) {
      return make_error(ErrorId::service_error,
                        "The service " + to_string(key_) + " has no port " + std::to_string(port_) + " any more");
    }
    const auto endpoints = view_->endpoints(key_);
    const auto running = view_->running_nodes();
    if (running.empty()) return nothing_runs(*view_);
    auto targets = targets_of(*service, *port, endpoints, running, view_->reachable_from_host(), view_);
    if (!endpoints.any || targets.empty()) {
      return make_error(ErrorId::service_unreachable, "No pod behind the service " + to_string(key_) + " is ready");
    }
    return net::Route{std::move(targets), endpoints.settling};
  }

 private:
  std::shared_ptr<ClusterView> view_;
  ServiceKey key_;
  net::Protocol protocol_;
  std::uint16_t port_;
};

class NodeRoute final : public net::RouteSource {
 public:
  NodeRoute(std::shared_ptr<ClusterView> view, std::string node, std::uint16_t port)
      : view_(std::move(view)), node_(std::move(node)), port_(port) {}

  Result<net::Route> resolve(const net::Incoming&) override {
    for (const auto& node : view_->running_nodes()) {
      if (node.id.name != node_) continue;
      if (view_->reachable_from_host()) return net::Route{{net::Endpoint{node.address, port_}}};
      return net::Route{{through(view_, node.id, to_string(net::Endpoint{node.address, port_}))}};
    }
    return nothing_runs(*view_);
  }

 private:
  std::shared_ptr<ClusterView> view_;
  std::string node_;
  std::uint16_t port_;
};

}  // namespace

std::vector<net::Target> targets_of(const Service& service, const ServicePort& port, const Endpoints& endpoints,
                                    const std::vector<drivers::ObservedNode>& running, bool reachable_from_host,
                                    const std::shared_ptr<ClusterView>& view) {
  // This host dials by IPv4; what has none is reached from the nodes.
  const bool six_alone = !service.address && !service.address6.empty();
  const bool direct = port.node_port != 0 && reachable_from_host && !six_alone;
  const bool only_local = direct ? service.external_local : service.internal_local;
  std::vector<net::Target> targets;
  for (const auto& node : running) {
    if (only_local && !endpoints.nodes.contains(node.id.name)) continue;
    if (direct) {
      targets.emplace_back(net::Endpoint{node.address, port.node_port});
    } else if (service.address) {
      targets.push_back(through(view, node.id, to_string(net::Endpoint{*service.address, port.port})));
    } else if (six_alone) {
      targets.push_back(through(view, node.id, "[" + service.address6 + "]:" + std::to_string(port.port)));
    }
  }
  return targets;
}

std::shared_ptr<net::RouteSource> service_route(std::shared_ptr<ClusterView> view, const ServiceKey& service,
                                                net::Protocol protocol, std::uint16_t port) {
  return std::make_shared<ServiceRoute>(std::move(view), service, protocol, port);
}

std::shared_ptr<net::RouteSource> node_route(std::shared_ptr<ClusterView> view, std::string node, std::uint16_t port) {
  return std::make_shared<NodeRoute>(std::move(view), std::move(node), port);
}

}  // namespace skiff::cluster
