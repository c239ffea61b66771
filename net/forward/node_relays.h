// SPDX-License-Identifier: Apache-2.0
// The relays that run in nodes for a forwarder: one per node, started with its first stream and ended a while after its
// last. Internal to net/; lives on the loop's thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "net/forward/mux.h"
#include "net/forward/route_source.h"

namespace skiff::net {

class NodeRelays : public std::enable_shared_from_this<NodeRelays> {
 public:
  // `idle`: how long a relay without a stream is kept.
  NodeRelays(EventLoop& loop, Duration idle) : loop_(loop), idle_(idle) {}
  ~NodeRelays();  // ends all of them
  NodeRelays(const NodeRelays&) = delete;
  NodeRelays& operator=(const NodeRelays&) = delete;

  // A stream to the target; the user hears of opened() or broken() later.
  Result<Mux::Stream> open(Protocol protocol, const NodeTarget& target, Mux::User& user);

 private:
  struct Relay;
  Result<std::shared_ptr<Relay>> start(const NodeTarget& target);
  void look_for_idle();

  EventLoop& loop_;
  const Duration idle_;
  std::map<std::string, std::shared_ptr<Relay>> relays_;  // by node
  EventLoop::Timer look_;
};

}  // namespace skiff::net
