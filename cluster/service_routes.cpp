#include "cluster/service_routes.h"

#include <algorithm>

namespace skiff::cluster {
namespace {

net::Target through(const std::shared_ptr<ClusterView>& view, const drivers::NodeId& node, Ipv4 address,
                    std::uint16_t port) {
  const net::Endpoint endpoint{address, port};
  return net::StreamTarget{net::to_string(endpoint) + " through " + node.name, [=](const Context& ctx) {
                             return view->driver().open(ctx, node, to_string(endpoint.address), endpoint.port);
                           }};
}

Error nothing_runs(const ClusterView& view) {
  return make_error(ErrorId::cluster_not_running, "No node of the cluster '" + view.spec().profile + "' runs");
}

class ServiceRoute final : public net::RouteSource {
 public:
  ServiceRoute(std::shared_ptr<ClusterView> view, ServiceKey key, net::Protocol protocol, std::uint16_t port)
      : view_(std::move(view)), key_(std::move(key)), protocol_(protocol), port_(port) {}

  Result<std::vector<net::Target>> resolve(const net::Incoming&) override {
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
    auto targets = targets_of(*service, *port, view_->running_nodes(), view_->reachable_from_host(), view_);
    if (targets.empty()) return nothing_runs(*view_);
    return targets;
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

  Result<std::vector<net::Target>> resolve(const net::Incoming&) override {
    for (const auto& node : view_->running_nodes()) {
      if (node.id.name != node_) continue;
      if (view_->reachable_from_host()) return std::vector<net::Target>{net::Endpoint{node.address, port_}};
      return std::vector{through(view_, node.id, node.address, port_)};
    }
    return nothing_runs(*view_);
  }

 private:
  std::shared_ptr<ClusterView> view_;
  std::string node_;
  std::uint16_t port_;
};

}  // namespace

std::vector<net::Target> targets_of(const Service& service, const ServicePort& port,
                                    const std::vector<drivers::ObservedNode>& running, bool reachable_from_host,
                                    const std::shared_ptr<ClusterView>& view) {
  std::vector<net::Target> targets;
  for (const auto& node : running) {
    if (port.node_port != 0 && reachable_from_host) {
      targets.emplace_back(net::Endpoint{node.address, port.node_port});
    } else if (service.address && port.protocol == net::Protocol::tcp) {
      targets.push_back(through(view, node.id, *service.address, port.port));
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
