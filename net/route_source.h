// Where the connections of a forward go. Asked anew for every one, so that an endpoint that has moved is found again.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/context.h"
#include "net/address.h"
#include "sys/stream.h"

namespace skiff::net {

// Opens a stream to a target that this host cannot dial, through a node for instance. May block, and is called on a
// thread of its own. TCP only.
struct StreamTarget {
  std::string name;  // for messages: "10.96.3.4:80 through lab-w1"
  std::function<Result<std::unique_ptr<sys::Stream>>(const Context&)> open;
};
using Target = std::variant<Endpoint, StreamTarget>;
std::string name_of(const Target& target);

struct Incoming {
  ListenPoint at;
  Address client;
  std::uint16_t client_port = 0;
};

class RouteSource {
 public:
  virtual ~RouteSource() = default;
  // Targets in the order in which they are to be tried; none, or an Error that says why there is none. Called on the
  // forwarder's thread: must answer from memory and never block.
  virtual Result<std::vector<Target>> resolve(const Incoming& connection) = 0;
};

}  // namespace skiff::net
