// Streams that block, as descriptors that an event loop can serve: each has a socket pair and two threads that carry
// its bytes. Internal to net/; lives on the loop's thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>

#include "net/event_loop.h"
#include "net/route_source.h"

namespace skiff::net {

class StreamBridges : public std::enable_shared_from_this<StreamBridges> {
 public:
  // Called once with the local end of the opened stream, or the error.
  using Opened = std::function<void(Result<UniqueFd>)>;

  StreamBridges(EventLoop& loop, std::size_t limit) : loop_(loop), limit_(limit) {}
  ~StreamBridges();  // breaks all of them off
  StreamBridges(const StreamBridges&) = delete;
  StreamBridges& operator=(const StreamBridges&) = delete;

  // `time` limits the opening. Closing the local end ends the stream.
  void open(const StreamTarget& target, Duration time, Opened opened);

 private:
  struct Bridge;
  void run(const std::shared_ptr<Bridge>& bridge);  // on the bridge's own thread

  EventLoop& loop_;
  const std::size_t limit_;
  std::set<std::shared_ptr<Bridge>> bridges_;
};

}  // namespace skiff::net
