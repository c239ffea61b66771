// SPDX-License-Identifier: Apache-2.0
// A libvirt that takes connections and answers nothing, as one behind a path that is dead.
#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "drivers/driver_table.h"
#include "drivers/libvirt/daemon.h"
#include "tests/fakes/http_server.h"

namespace skiff::drivers::libvirt {
namespace {

using sys::test::Peer;
using sys::test::Server;

class LibvirtDaemon : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!library().ok()) GTEST_SKIP() << "libvirt is not installed";
  }
  std::string uri() const { return "qemu+unix:///system?socket=" + silent.path(); }

  std::promise<void> connected;
  bool told = false;
  Server silent{[this](Peer& peer, int) {
    for (std::string bytes = peer.read_some(); !bytes.empty(); bytes = peer.read_some()) {
      if (!std::exchange(told, true)) connected.set_value();
    }
  }};
  NoEvents events;
};

constexpr auto minute = std::chrono::minutes(1);

TEST_F(LibvirtDaemon, StopIsHeededWhileItDoesNotAnswer) {
  std::stop_source stop;
  std::jthread user([&] {
    connected.get_future().wait();
    stop.request_stop();
  });
  const auto driver = find_driver("libvirt")->make(uri());
  const auto nodes = driver->all_nodes(Context{stop.get_token(), Deadline::in(minute), &events});
  ASSERT_FALSE(nodes.ok());
  EXPECT_EQ(nodes.error().id, ErrorId::interrupted) << nodes.error().what;
}

TEST_F(LibvirtDaemon, DeadlineIsHeededWhileItDoesNotAnswer) {
  const auto driver = find_driver("libvirt")->make(uri());
  const auto health = driver->check(Context{{}, Deadline::in(Duration(100)), &events});
  ASSERT_FALSE(health.ok());
  EXPECT_EQ(health.error().id, ErrorId::timeout) << health.error().what;
}

TEST_F(LibvirtDaemon, ThatDoesNotAnswerIsNamedWithoutALimitOfTheCaller) {
  Daemon daemon(uri(), Duration(100));
  const auto ran =
      daemon.run(Context{{}, Deadline::never(), &events}, [](const Context&, Parts&) -> Result<void> { return {}; });
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().id, ErrorId::libvirt_not_running);
  EXPECT_NE(ran.error().what.find("has not answered"), std::string::npos) << ran.error().what;
}

TEST_F(LibvirtDaemon, CallAfterOneThatWasLeftHasAConnectionOfItsOwn) {
  Daemon daemon("test:///default");
  std::stop_source stop;
  const Context stopped{stop.get_token(), Deadline::in(minute), &events};
  const Context ctx{{}, Deadline::in(minute), &events};
  Parts* first = nullptr;
  const auto left = daemon.run(stopped, [&](const Context& c, Parts& parts) -> Result<void> {
    first = &parts;
    stop.request_stop();
    return c.check();
  });
  EXPECT_FALSE(left.ok());
  const auto again = daemon.run(ctx, [&](const Context& c, Parts& parts) -> Result<void> {
    EXPECT_TRUE(parts.connection.is_open());
    TRY(parts.connection.open(c));
    return {};
  });
  EXPECT_TRUE(again.ok()) << again.error().what;
  EXPECT_NE(first, nullptr);
}

}  // namespace
}  // namespace skiff::drivers::libvirt
