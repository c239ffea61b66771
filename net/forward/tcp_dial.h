// SPDX-License-Identifier: Apache-2.0
// Finds the first target that takes a connection. Internal to net/; lives on the loop's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <variant>
#include <vector>

#include "net/forward/event_loop.h"
#include "net/forward/forwarder.h"
#include "net/forward/node_relays.h"

namespace skiff::net {

// Targets that have just failed, by name: they are tried last for a while, so that a node that went down costs one
// connection its time-out and not every one.
class Shunned {
 public:
  explicit Shunned(Duration time) : time_(time) {}
  void add(const Target& target) { until_[name_of(target)] = Deadline::in(time_); }
  void forgive(const Target& target) {
    if (!until_.empty()) until_.erase(name_of(target));
  }
  void put_last(std::vector<Target>& targets);

 private:
  Duration time_;
  std::map<std::string, Deadline> until_;
};

// A connected socket, or a stream through a node.
using Connected = std::variant<sys::UniqueFd, Mux::Stream>;

class TcpDial final : public EventLoop::Watcher, public Mux::User {
 public:
  // Called once, with the connection, the last target's error or one of this process. The dial must outlive the call.
  using Done = std::function<void(Result<Connected>)>;

  TcpDial(EventLoop& loop, NodeRelays& relays, Shunned& shunned, Duration timeout, std::vector<Target> targets,
          Done done);
  ~TcpDial();
  TcpDial(const TcpDial&) = delete;
  TcpDial& operator=(const TcpDial&) = delete;

  void start() { dial(); }

 private:
  void ready(int fd, unsigned events) override;
  void dial();  // the target at next_
  void dial(const Endpoint& endpoint);
  void dial(const NodeTarget& target);
  void await(Duration limit);
  void opened() override;
  void received(std::string_view) override {}  // nothing comes before opened()
  void broken(const Error& why) override { fail(why); }
  void succeed(Connected connected);
  void fail(Error error);     // of the target: on to the next one
  void give_up(Error error);  // of this process, for lack of descriptors as a rule: no target is to blame
  void leave();               // stops watching the present attempt

  EventLoop& loop_;
  NodeRelays& relays_;
  Shunned& shunned_;
  const Duration timeout_;
  std::vector<Target> targets_;
  std::size_t next_ = 0;
  sys::UniqueFd fd_;    // of the present attempt,
  Mux::Stream stream_;  // or this
  EventLoop::Timer timer_;
  Done done_;
};

}  // namespace skiff::net
