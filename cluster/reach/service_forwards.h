// SPDX-License-Identifier: Apache-2.0
// Local ports of services, held while this object lives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cluster/reach/cluster_view.h"
#include "net/forward/forwarder.h"
#include "net/local_address.h"

namespace skiff::cluster {

struct PortForward {
  ServiceKey service;
  std::string port_name;
  net::Protocol protocol = net::Protocol::tcp;
  std::uint16_t port = 0;            // of the service
  std::uint16_t local_port = 0;      // 0 = any
  std::optional<Ipv4> address = {};  // of this host; nothing = 127.0.0.1, and ::1 where there is one
  bool https = false;                // what it seems to speak, for its URL
  auto operator<=>(const PortForward&) const = default;
};
// As the agent's requests and its state file hold them.
Json to_json(const std::vector<PortForward>& forwards);
std::vector<PortForward> read_forwards(const Json& array);

// One for each port of the service. `local_port`, unless 0, is for its only port, or for the one of that number: usage
// when there is none.
Result<std::vector<PortForward>> forwards_of(const Service& service, std::uint16_t local_port,
                                             std::optional<Ipv4> address = {});

// Takes those of these services out, or all when none is named; a key without a name is every service of its namespace.
std::vector<PortForward> take_out(std::vector<PortForward>& forwards, const std::vector<ServiceKey>& of);

// The URL of a forward, see local_url(); `format` empty = the default, with https:// or udp:// for such a port.
Result<std::string> url_of(const PortForward& forward, std::string_view format = {});

class ServiceForwards {
 public:
  static Result<std::unique_ptr<ServiceForwards>> start(const Context& ctx, LiveCluster cluster);

  // The forwards as they are then, with their local ports and addresses. One that is there already is kept, unless
  // another local port or address is wanted: then it moves. All or none; port_in_use and the like.
  Result<std::vector<PortForward>> add(const Context& ctx, const std::vector<PortForward>& wanted);
  // Blocks until the cluster's services are known.
  Result<void> await_listed(const Context& ctx) const { return view_->await_listed(ctx); }
  // Blocks until the cluster's answers show an endpoint for each, for a second at most: whoever was told by the API
  // that there is one is not to be refused because the news has not come here yet.
  void await_endpoints(const Context& ctx, const std::vector<PortForward>& forwards);
  // Ends those that take_out() takes; what has ended.
  std::vector<PortForward> close(const std::vector<ServiceKey>& of);
  const std::vector<PortForward>& all() const { return forwards_; }

 private:
  ServiceForwards(std::shared_ptr<ClusterView> view, std::unique_ptr<net::Forwarder> forwarder)
      : view_(std::move(view)), forwarder_(std::move(forwarder)) {}
  Result<PortForward> open(const PortForward& wanted);
  void shut(const PortForward& forward);

  std::shared_ptr<ClusterView> view_;
  std::unique_ptr<net::Forwarder> forwarder_;
  std::vector<PortForward> forwards_;
};

}  // namespace skiff::cluster
