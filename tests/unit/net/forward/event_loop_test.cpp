// SPDX-License-Identifier: Apache-2.0
#include "net/forward/event_loop.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "net/line_socket.h"

namespace skiff::net {
namespace {

struct Counter final : EventLoop::Watcher {
  void ready(int, unsigned) override { ++times; }
  int times = 0;
};

// At its first event it closes the other one's descriptor and watches a new one of the same number.
struct Replacer final : EventLoop::Watcher {
  void ready(int, unsigned) override {
    if (std::exchange(*done, true)) return;
    loop->unwatch(other->fd);
    EXPECT_EQ(::dup2(quiet, other->fd), other->fd);
    EXPECT_TRUE(loop->watch(other->fd, EPOLLIN | EPOLLRDHUP, *heir).ok());
  }
  EventLoop* loop = nullptr;
  Replacer* other = nullptr;
  Counter* heir = nullptr;
  bool* done = nullptr;
  int fd = -1;
  int quiet = -1;  // nothing ever comes from it
};

TEST(EventLoop, AnEventOfAClosedDescriptorDoesNotReachTheNextOneOfThatNumber) {
  auto loop = EventLoop::start();
  ASSERT_TRUE(loop.ok());
  std::array<SocketPair, 3> pairs;
  for (auto& pair : pairs) pair = make_socket_pair().value();
  Counter heir;
  bool done = false;
  std::array<Replacer, 2> replacers;
  for (std::size_t i = 0; i < 2; ++i) {
    Replacer& each = replacers.at(i);
    each.loop = loop->get();
    each.other = &replacers.at(1 - i);
    each.heir = &heir;
    each.done = &done;
    each.fd = pairs.at(i).ours.get();
    each.quiet = pairs[2].ours.get();
  }
  (*loop)->call([&] {  // while the loop's thread is here, both become ready: they come in one batch
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_TRUE((*loop)->watch(replacers.at(i).fd, EPOLLIN | EPOLLRDHUP, replacers.at(i)).ok());
      pairs.at(i).theirs.reset();
    }
  });
  bool replaced = false;
  for (int turns = 0; turns < 3; ++turns) replaced = (*loop)->call([&] { return done; });
  EXPECT_TRUE(replaced);
  EXPECT_EQ((*loop)->call([&] { return heir.times; }), 0);
  (*loop)->call([&] {
    for (const auto& each : replacers) (*loop)->unwatch(each.fd);
  });
}

}  // namespace
}  // namespace skiff::net
