// SPDX-License-Identifier: Apache-2.0
// Where the connections of a forward go. Asked anew for every one, so that an endpoint that has moved is found again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/context.h"
#include "net/address.h"

namespace skiff::net {

// Runs the relay program of a node (images/node/modules/relay) there and blocks until it has ended: `in` gives the next
// piece of its standard input and may be called on another thread, an empty one ends it; `out` takes what it writes.
using RunRelay =
    std::function<Result<void>(const Context&, const std::function<Result<std::string>(const Context&)>& in,
                               const std::function<void(std::string_view)>& out)>;

// An address that a node sees and this host does not: reached by way of the node's relay.
struct NodeTarget {
  std::string node;   // targets with the same one share a relay
  std::string where;  // "10.96.3.4:80", "[fd73:6b69::5]:80"
  RunRelay run;
};
using Target = std::variant<Endpoint, NodeTarget>;
std::string name_of(const Target& target);  // "172.18.0.2:30100", "10.96.3.4:80 through lab-w1"

struct Route {
  std::vector<Target> targets;  // in the order in which they are to be tried
  // The targets have only just come: one that refuses may be about to answer, so it is dialled anew while this is so.
  bool settling = false;
};

struct Incoming {
  ListenPoint at;
  Address client;
  std::uint16_t client_port = 0;
};

class RouteSource {
 public:
  virtual ~RouteSource() = default;
  // Without a target, or an Error that says why there is none. Called on the forwarder's thread: must answer from
  // memory and never block.
  virtual Result<Route> resolve(const Incoming& connection) = 0;
};

}  // namespace skiff::net
