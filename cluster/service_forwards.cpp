#include "cluster/service_forwards.h"

#include <algorithm>

#include "cluster/service_routes.h"

namespace skiff::cluster {
namespace {

constexpr Ipv4 localhost{0x7F000001};

net::ListenPoint point_of(const PortForward& forward) {
  return {forward.protocol, {localhost, false}, forward.local_port};
}

bool same_target(const PortForward& a, const PortForward& b) {
  return a.service == b.service && a.protocol == b.protocol && a.port == b.port;
}

}  // namespace

Json to_json(const std::vector<PortForward>& forwards) {
  JsonArray array;
  for (const auto& forward : forwards) {
    array.push_back(JsonObject{{"namespace", forward.service.ns},
                               {"service", forward.service.name},
                               {"portName", forward.port_name},
                               {"protocol", net::to_string(forward.protocol)},
                               {"port", forward.port},
                               {"localPort", forward.local_port}});
  }
  return array;
}

std::vector<PortForward> read_forwards(const Json& array) {
  std::vector<PortForward> forwards;
  for (const auto& each : array.is_array() ? array.get_array() : JsonArray()) {
    const auto protocol = net::parse_protocol(text_at(each, "protocol"));
    if (!protocol.ok()) continue;
    forwards.push_back({{text_at(each, "namespace"), text_at(each, "service")},
                        text_at(each, "portName"),
                        *protocol,
                        static_cast<std::uint16_t>(int_at(each, "port")),
                        static_cast<std::uint16_t>(int_at(each, "localPort"))});
  }
  return forwards;
}

Result<std::vector<PortForward>> forwards_of(const Service& service, std::uint16_t local_port) {
  TRY(check_forwardable(service));
  std::vector<PortForward> forwards;
  for (const auto& port : service.ports) {
    if (port.protocol == net::Protocol::udp && port.node_port == 0) continue;
    forwards.push_back({service.key, port.name, port.protocol, port.port, local_port});
  }
  if (forwards.empty()) {
    return make_error(ErrorId::service_error,
                      "The service " + to_string(service.key) + " has only UDP ports inside the cluster",
                      "Make it a NodePort service");
  }
  if (local_port != 0 && forwards.size() > 1) {
    return make_error(ErrorId::usage, "--local-port is for one port; the service " + to_string(service.key) + " has " +
                                          std::to_string(forwards.size()));
  }
  return forwards;
}

Result<std::unique_ptr<ServiceForwards>> ServiceForwards::start(const Context& ctx, const Services& services,
                                                                const std::string& profile) {
  auto view = TRY(ClusterView::start(ctx, services, profile, {service_resource}));
  auto forwarder = TRY(net::Forwarder::start());
  return std::unique_ptr<ServiceForwards>(new ServiceForwards(std::move(view), std::move(forwarder)));
}

Result<std::vector<PortForward>> ServiceForwards::add(const Context& ctx, const std::vector<PortForward>& wanted) {
  TRY(view_->await_listed(ctx));
  std::vector<PortForward> result;
  std::vector<PortForward> fresh;
  for (const auto& each : wanted) {
    const auto present = std::ranges::find_if(forwards_, [&](const auto& other) { return same_target(each, other); });
    if (present != forwards_.end() && (each.local_port == 0 || each.local_port == present->local_port)) {
      result.push_back(*present);
      continue;
    }
    const auto opened = open(each);
    if (!opened.ok()) {
      for (const auto& forward : fresh) forwarder_->close(point_of(forward));
      return opened.error();
    }
    fresh.push_back(*opened);
    result.push_back(*opened);
  }
  for (const auto& each : fresh) {
    std::erase_if(forwards_, [&](const PortForward& old) {
      if (!same_target(each, old)) return false;
      forwarder_->close(point_of(old));
      return true;
    });
    forwards_.push_back(each);
  }
  return result;
}

Result<PortForward> ServiceForwards::open(const PortForward& wanted) {
  PortForward opened = wanted;
  const auto route = service_route(view_, wanted.service, wanted.protocol, wanted.port);
  opened.local_port = TRY(forwarder_->add(point_of(wanted), route)).port;
  return opened;
}

std::vector<PortForward> ServiceForwards::close(const std::vector<ServiceKey>& services) {
  std::vector<PortForward> closed;
  std::erase_if(forwards_, [&](const PortForward& forward) {
    if (!services.empty() && std::ranges::find(services, forward.service) == services.end()) return false;
    forwarder_->close(point_of(forward));
    closed.push_back(forward);
    return true;
  });
  return closed;
}

}  // namespace skiff::cluster
