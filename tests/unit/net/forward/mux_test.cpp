// SPDX-License-Identifier: Apache-2.0
// The host's half of a relay's connection; the tests play the relay.
#include "net/forward/mux.h"

#include <sys/socket.h>

#include <array>
#include <atomic>

#include "net/forward/mux_protocol.h"
#include "net/line_socket.h"
#include "net/spawn.h"
#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

std::string frame(FrameKind kind, std::uint32_t stream, std::string_view payload = {}) {
  std::string bytes;
  append_frame(bytes, {kind, stream, payload});
  return bytes;
}

TEST(Mux, ReadsNoMoreOnceItHasFailed) {
  struct User : Mux::User {
    std::shared_ptr<Mux> mux;
    Mux::Stream stream;
    void received(std::string_view) override { mux->fail(make_error(ErrorId::network, "a test")); }
    void broken(const Error&) override {
      stream.reset();
      mux.reset();
    }
  };
  auto pair = make_socket_pair();
  ASSERT_TRUE(pair.ok());
  User user;  // touched on the loop's thread only
  const auto loop = EventLoop::start().value();
  const std::weak_ptr<Mux> mux = loop->call([&] {
    user.mux = std::make_shared<Mux>(*loop, std::move(pair->ours), [] {});
    EXPECT_TRUE(user.mux->start().ok());
    user.stream = user.mux->open(Protocol::tcp, "127.0.0.1:1", user);
    return std::weak_ptr(user.mux);
  });
  send_all(pair->theirs, frame(FrameKind::data, 1, "bytes"));
  EXPECT_TRUE(eventually([&] { return mux.expired(); })) << "it reads for ever";
}

// The client has yet to take what came before the reset when the relay is ended.
TEST(Mux, ARelayMayBeEndedAsIdleBeforeItsLastBytesAreTaken) {
  const std::string answer(16UL << 20, 'x');
  std::atomic<int> ended = 0;
  const auto run = [&](const Context& ctx, const auto& in, const auto& out) -> Result<void> {
    FrameReader frames;
    for (auto bytes = in(ctx); bytes.ok() && !bytes->empty(); bytes = in(ctx)) {
      frames.feed(*bytes);
      while (const auto asked = frames.next()) {
        if (asked->kind != FrameKind::open) continue;
        out(frame(FrameKind::opened, asked->stream));
        constexpr std::size_t piece = 64UL * 1024;
        for (std::size_t at = 0; at < answer.size(); at += piece) {
          out(frame(FrameKind::data, asked->stream, std::string_view(answer).substr(at, piece)));
        }
        out(frame(FrameKind::reset, asked->stream, "the target broke off"));
      }
    }
    ++ended;
    return {};
  };
  ForwarderOptions options;
  options.relay_idle = std::chrono::milliseconds(50);
  const auto forwarded = forward(routes_to({NodeTarget{"lab-w1", "127.0.0.1:1", run}}), Protocol::tcp, options);
  const auto client = connect_to(forwarded.at.port);
  ASSERT_TRUE(eventually([&] { return ended == 1; }));
  EXPECT_EQ(receive(client, 3), "xxx");
  EXPECT_EQ(receive(connect_to(forwarded.at.port), 3), "xxx") << "it serves no more";
}

}  // namespace
}  // namespace skiff::net::test
