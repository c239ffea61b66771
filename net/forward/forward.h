// SPDX-License-Identifier: Apache-2.0
// One forwarded port. Internal to net/; lives on the loop's thread.
#pragma once

#include <memory>

#include "net/forward/event_loop.h"
#include "net/forward/forwarder.h"
#include "net/forward/node_relays.h"
#include "net/forward/pipe_pool.h"

namespace skiff::net {

struct ForwarderParts {
  ForwarderOptions options;
  std::unique_ptr<EventLoop> loop;
  PipePool pipes;
  std::shared_ptr<NodeRelays> relays;
};

class Forward {
 public:
  virtual ~Forward() = default;  // closes the port and breaks its connections off
  virtual Result<void> start() = 0;
  virtual ForwardStatus status() const = 0;
};

std::unique_ptr<Forward> make_tcp_forward(ForwarderParts& parts, const ListenPoint& at, sys::UniqueFd bound,
                                          std::shared_ptr<RouteSource> routes);
std::unique_ptr<Forward> make_udp_forward(ForwarderParts& parts, const ListenPoint& at, sys::UniqueFd bound,
                                          std::shared_ptr<RouteSource> routes);

}  // namespace skiff::net
