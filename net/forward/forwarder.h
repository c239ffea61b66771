// SPDX-License-Identifier: Apache-2.0
// Local TCP and UDP ports whose traffic is passed on to targets that a RouteSource names. One thread serves all of
// them; data crosses it by splice(2), without a copy to user space. Half-closed connections stay half closed, a reset
// is passed on as a reset, and a slow reader slows its writer down.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "net/address.h"
#include "net/forward/route_source.h"
#include "sys/unique_fd.h"

namespace skiff::net {

struct ForwarderOptions {
  Duration connect_timeout = std::chrono::seconds(2);  // per target: one lost SYN is repeated after a second
  Duration shun = std::chrono::seconds(10);            // a target that failed is tried last for so long
  Duration udp_idle = std::chrono::seconds(60);        // a UDP flow without a datagram for so long is forgotten
  std::size_t max_udp_flows = 4096;                    // per port; beyond it the one that was idle longest goes
  Duration relay_idle = std::chrono::seconds(60);      // a node's relay without a stream is ended after so long
};

struct ForwardStatus {
  ListenPoint at;
  std::uint64_t connections = 0;  // accepted so far; for UDP: flows
  std::uint64_t active = 0;
  std::uint64_t failed = 0;    // without any target that answered, or broken off
  std::uint64_t sent = 0;      // bytes from clients to targets
  std::uint64_t received = 0;  // and back
  std::string last_error;
};

class Forward;
struct ForwarderParts;

// Safe from any thread but its own (a RouteSource must not call back).
class Forwarder {
 public:
  // Raises this process's soft limit of open files to its hard limit.
  static Result<std::unique_ptr<Forwarder>> start(const ForwarderOptions& options = {});
  ~Forwarder();  // closes every port and breaks its connections off
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // Forwards a port until close() and returns where it listens (the port when it was 0). Errors: as bind_socket().
  Result<ListenPoint> add(const ListenPoint& point, std::shared_ptr<RouteSource> routes);
  // The same with a socket that is already bound, by the privileged helper for instance.
  Result<ListenPoint> adopt(sys::UniqueFd bound, std::shared_ptr<RouteSource> routes);
  // Ends a forward and its connections; one that is not there is no matter.
  void close(const ListenPoint& point);

  std::optional<ForwardStatus> status(const ListenPoint& point);
  std::vector<ForwardStatus> status();  // in the order of their points

 private:
  explicit Forwarder(std::unique_ptr<ForwarderParts> parts);

  std::unique_ptr<ForwarderParts> parts_;
  std::map<ListenPoint, std::unique_ptr<Forward>> forwards_;  // touched on the loop's thread only
};

}  // namespace skiff::net
