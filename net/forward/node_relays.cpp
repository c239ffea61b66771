// SPDX-License-Identifier: Apache-2.0
#include "net/forward/node_relays.h"

#include <sys/socket.h>

#include <array>
#include <thread>

#include "net/os_error.h"
#include "sys/net/socket_stream.h"

namespace skiff::net {

struct NodeRelays::Relay {
  std::shared_ptr<Mux> mux;
  Deadline keep;
  std::jthread thread;  // runs the relay and carries its standard streams
};

namespace {

// Blocks while the relay runs in its node; why it ended.
Error carry(const std::stop_token& stop, const RunRelay& run, sys::Socket& local) {
  NoEvents events;
  std::stop_source over;
  const std::stop_callback told(stop, [&] { over.request_stop(); });
  const Context ctx{over.get_token(), Deadline::never(), &events};
  std::array<char, 64UL * 1024> buffer;
  const auto in = [&](const Context& each) -> Result<std::string> {
    const std::size_t count = TRY(local.read(each, buffer));
    return std::string(buffer.data(), count);
  };
  const auto out = [&](std::string_view bytes) {
    if (!local.write(ctx, bytes).ok()) over.request_stop();
  };
  const auto ran = run(ctx, in, out);
  return ran.ok() ? make_error(ErrorId::network, "The node's relay has ended") : ran.error();
}

}  // namespace

NodeRelays::~NodeRelays() {
  loop_.cancel(look_);
  for (const auto& [node, relay] : relays_) relay->thread.request_stop();
}

Result<Mux::Stream> NodeRelays::open(Protocol protocol, const NodeTarget& target, Mux::User& user) {
  auto found = relays_.find(target.node);
  if (found == relays_.end()) found = relays_.emplace(target.node, TRY(start(target))).first;
  found->second->keep = Deadline::in(idle_);
  return found->second->mux->open(protocol, target.where, user);
}

Result<std::shared_ptr<NodeRelays::Relay>> NodeRelays::start(const NodeTarget& target) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return os_error("Cannot make a socket pair");
  }
  sys::UniqueFd ours(ends[0]);
  const auto theirs = std::make_shared<sys::Socket>(ends[1]);
  auto relay = std::make_shared<Relay>();
  const auto forget = [all = weak_from_this(), node = target.node, lost = std::weak_ptr(relay)] {
    const auto relays = all.lock();
    if (!relays) return;
    const auto found = relays->relays_.find(node);  // one that was idle is out already, another may be in its place
    if (found == relays->relays_.end() || found->second != lost.lock()) return;
    relays->loop_.destroy_later(std::move(found->second));
    relays->relays_.erase(found);
  };
  relay->mux = std::make_shared<Mux>(loop_, std::move(ours), forget);
  TRY(relay->mux->start());
  relay->thread = std::jthread(
      [run = target.run, theirs, &loop = loop_, mux = std::weak_ptr(relay->mux)](const std::stop_token& stop) {
        const Error why = carry(stop, run, *theirs);
        if (stop.stop_requested()) return;
        // The socket stays open until the streams were told why, or they would only see that it was closed.
        loop.post([mux, why, theirs] {
          if (const auto alive = mux.lock()) alive->fail(why);
        });
      });
  if (relays_.empty()) {
    loop_.cancel(look_);  // of relays that were lost since
    look_ = loop_.after(idle_, [this] { look_for_idle(); });
  }
  return relay;
}

void NodeRelays::look_for_idle() {
  for (auto each = relays_.begin(); each != relays_.end();) {
    const bool idle = each->second->mux->streams() == 0 && each->second->keep.passed();
    each = idle ? relays_.erase(each) : std::next(each);
  }
  if (!relays_.empty()) look_ = loop_.after(idle_, [this] { look_for_idle(); });
}

}  // namespace skiff::net
