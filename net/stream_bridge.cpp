#include "net/stream_bridge.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "net/os_error.h"
#include "sys/socket_stream.h"

namespace skiff::net {

struct StreamBridges::Bridge {
  StreamTarget target;
  Duration time;
  Opened opened;
  std::stop_source stop;
  std::thread thread;
};

namespace {

constexpr std::size_t piece = 64UL * 1024;
constexpr Duration longest_write = std::chrono::minutes(1);  // a peer that takes nothing for so long is given up

Result<void> carry(const Context& ctx, sys::Stream& from, sys::Stream& to) {
  std::array<char, piece> buffer;
  for (;;) {
    const std::size_t count = TRY(from.read(ctx, buffer));
    if (count == 0) return to.close_write(ctx.within(longest_write));
    TRY(to.write(ctx.within(longest_write), {buffer.data(), count}));
  }
}

// Both directions until both have ended; an error in one, or the local end going away, ends the other.
void carry_both_ways(const std::stop_source& stop, sys::Socket& local, sys::Stream& remote) {
  NoEvents events;
  const Context ctx{stop.get_token(), Deadline::never(), &events};
  const std::jthread down([&] {
    if (!carry(ctx, remote, local).ok()) stop.request_stop();
  });
  const bool carried = carry(ctx, local, remote).ok();
  const bool closed = carried && sys::wait_ready(ctx, local.fd(), 0).ok();  // a hang-up needs no asking for
  if (!carried || closed) stop.request_stop();
}

}  // namespace

StreamBridges::~StreamBridges() {
  for (const auto& bridge : bridges_) bridge->stop.request_stop();
  for (const auto& bridge : bridges_) bridge->thread.join();
}

void StreamBridges::open(const StreamTarget& target, Duration time, Opened opened) {
  if (bridges_.size() >= limit_) {
    return opened(make_error(ErrorId::service_error, "Too many connections at a time through the driver"));
  }
  const auto bridge = std::make_shared<Bridge>(Bridge{target, time, std::move(opened), {}, {}});
  bridges_.insert(bridge);
  bridge->thread = std::thread([this, bridge] { run(bridge); });
}

void StreamBridges::run(const std::shared_ptr<Bridge>& bridge) {
  const auto tell = [&](Result<UniqueFd> result) {
    loop_.post([bridge, shared = std::make_shared<Result<UniqueFd>>(std::move(result))] {
      bridge->opened(std::move(*shared));
    });
  };
  NoEvents events;
  const Context ctx{bridge->stop.get_token(), Deadline::in(bridge->time), &events};
  std::array<int, 2> ends{};
  if (auto remote = bridge->target.open(ctx); !remote.ok()) {
    tell(std::move(remote).error());
  } else if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    tell(os_error("Cannot make a socket pair"));
  } else {
    sys::Socket local(ends[1]);
    tell(UniqueFd(ends[0]));
    carry_both_ways(bridge->stop, local, **remote);
  }
  loop_.post([bridge, all = weak_from_this()] {
    const auto bridges = all.lock();
    if (!bridges) return;  // its destructor has joined the thread
    bridge->thread.join();
    bridges->bridges_.erase(bridge);
  });
}

}  // namespace skiff::net
