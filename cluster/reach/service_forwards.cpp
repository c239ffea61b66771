// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/service_forwards.h"

#include <algorithm>
#include <iterator>

#include "cluster/reach/service_routes.h"

namespace skiff::cluster {
namespace {

constexpr long long highest_port = 65535;
constexpr int tries_for_two = 10;  // of a port that is free on 127.0.0.1 and on ::1

std::vector<net::ListenPoint> points_of(const PortForward& forward) {
  return net::listen_points(forward.address.value_or(net::localhost), {forward.protocol, forward.local_port});
}

bool same_target(const PortForward& a, const PortForward& b) {
  return a.service == b.service && a.protocol == b.protocol && a.port == b.port;
}

// Whether what is there will do for what is wanted.
bool suits(const PortForward& there, const PortForward& wanted) {
  return (wanted.local_port == 0 || wanted.local_port == there.local_port) &&
         (!wanted.address || *wanted.address == there.address.value_or(net::localhost));
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
                               {"localPort", forward.local_port},
                               {"address", forward.address ? to_string(*forward.address) : ""},
                               {"https", forward.https}});
  }
  return array;
}

std::vector<PortForward> read_forwards(const Json& array) {
  std::vector<PortForward> forwards;
  for (const auto& each : array.is_array() ? array.get_array() : JsonArray()) {
    const auto protocol = net::parse_protocol(text_at(each, "protocol"));
    if (!protocol.ok()) continue;
    const long long port = int_at(each, "port");
    const long long local_port = int_at(each, "localPort");
    if (port < 1 || port > highest_port || local_port < 0 || local_port > highest_port) continue;
    const auto address = parse_ipv4(text_at(each, "address"));
    forwards.push_back({{text_at(each, "namespace"), text_at(each, "service")},
                        text_at(each, "portName"),
                        *protocol,
                        static_cast<std::uint16_t>(port),
                        static_cast<std::uint16_t>(local_port),
                        address.ok() ? std::optional(*address) : std::nullopt,
                        bool_at(each, "https")});
  }
  return forwards;
}

Result<std::vector<PortForward>> forwards_of(const Service& service, std::uint16_t local_port,
                                             std::optional<Ipv4> address) {
  TRY(check_forwardable(service));
  std::vector<PortForward> forwards;
  for (const auto& port : service.ports) {
    forwards.push_back({service.key, port.name, port.protocol, port.port, local_port, address, port.https});
  }
  if (local_port == 0 || forwards.size() == 1) return forwards;
  std::erase_if(forwards, [&](const PortForward& forward) { return forward.port != local_port; });
  if (forwards.size() != 1) {
    return make_error(ErrorId::usage, "--local-port is for one port; the service " + to_string(service.key) + " has " +
                                          std::to_string(service.ports.size()) + ", and none of that number");
  }
  return forwards;
}

std::vector<PortForward> take_out(std::vector<PortForward>& forwards, const std::vector<ServiceKey>& of) {
  const auto named = [&](const PortForward& forward) {
    return of.empty() || std::ranges::any_of(of, [&](const ServiceKey& key) {
             return key.ns == forward.service.ns && (key.name.empty() || key.name == forward.service.name);
           });
  };
  std::vector<PortForward> out;
  std::ranges::copy_if(forwards, std::back_inserter(out), named);
  std::erase_if(forwards, named);
  return out;
}

Result<std::string> url_of(const PortForward& forward, std::string_view format) {
  const Ipv4 address = forward.address.value_or(net::localhost);
  if (format.empty()) {
    format = forward.protocol == net::Protocol::udp ? "udp://{{.IP}}:{{.Port}}"
             : forward.https                        ? "https://{{.IP}}:{{.Port}}"
                                                    : default_url_format;
  }
  return local_url(format, address == Ipv4{} ? net::localhost : address, forward.local_port, forward.port_name);
}

Result<std::unique_ptr<ServiceForwards>> ServiceForwards::start(const Context& ctx, LiveCluster cluster) {
  auto view = TRY(ClusterView::start(ctx, std::move(cluster), {service_resource, slice_resource}));
  auto forwarder = TRY(net::Forwarder::start());
  return std::unique_ptr<ServiceForwards>(new ServiceForwards(std::move(view), std::move(forwarder)));
}

Result<std::vector<PortForward>> ServiceForwards::add(const Context& ctx, const std::vector<PortForward>& wanted) {
  TRY(view_->await_listed(ctx));
  std::vector<PortForward> result;
  std::vector<PortForward> fresh;
  std::vector<PortForward> aside;  // ended already, to make room
  for (const auto& each : wanted) {
    const auto present = std::ranges::find_if(forwards_, [&](const auto& other) { return same_target(each, other); });
    if (present != forwards_.end() && suits(*present, each)) {
      result.push_back(*present);
      continue;
    }
    auto opened = open(each);
    if (!opened.ok() && opened.error().id == ErrorId::port_in_use && present != forwards_.end() &&
        present->local_port == each.local_port) {
      shut(*present);  // 127.0.0.1 and 0.0.0.0 exclude each other
      aside.push_back(*present);
      opened = open(each);
    }
    if (!opened.ok()) {
      for (const auto& forward : fresh) shut(forward);
      for (const auto& forward : aside) {
        if (!open(forward).ok()) std::erase(forwards_, forward);
      }
      return opened.error();
    }
    fresh.push_back(*opened);
    result.push_back(*opened);
  }
  for (const auto& each : fresh) {
    std::erase_if(forwards_, [&](const PortForward& old) {
      if (!same_target(each, old)) return false;
      shut(old);
      return true;
    });
    forwards_.push_back(each);
  }
  return result;
}

// A port that the kernel chose for one address may be taken on the other: then it chooses again.
Result<PortForward> ServiceForwards::open(const PortForward& wanted) {
  const auto route = service_route(view_, wanted.service, wanted.protocol, wanted.port);
  for (int tries = 1;; ++tries) {
    PortForward opened = wanted;
    std::vector<net::ListenPoint> made;
    Result<void> outcome;
    for (const auto& point : points_of(wanted)) {
      const auto added = forwarder_->add({point.protocol, point.address, opened.local_port}, route);
      if (!added.ok()) {
        outcome = added.error();
        break;
      }
      made.push_back(*added);
      opened.local_port = added->port;
    }
    if (outcome.ok()) return opened;
    for (const auto& point : made) forwarder_->close(point);
    const bool again = wanted.local_port == 0 && outcome.error().id == ErrorId::port_in_use && tries < tries_for_two;
    if (!again) return outcome.error();
  }
}

void ServiceForwards::shut(const PortForward& forward) {
  for (const auto& point : points_of(forward)) forwarder_->close(point);
}

void ServiceForwards::await_endpoints(const Context& ctx, const std::vector<PortForward>& forwards) {
  const Context limited = ctx.within(std::chrono::seconds(1));
  const auto known = [this](const PortForward& each) { return view_->endpoints(each.service).any; };
  unsigned long version = 0;
  while (!std::ranges::all_of(forwards, known) && limited.check().ok()) version = view_->await_change(limited, version);
}

std::vector<PortForward> ServiceForwards::close(const std::vector<ServiceKey>& of) {
  auto closed = take_out(forwards_, of);
  for (const auto& forward : closed) shut(forward);
  return closed;
}

}  // namespace skiff::cluster
