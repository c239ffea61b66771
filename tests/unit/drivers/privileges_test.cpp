// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/privileges.h"

#include <gtest/gtest.h>

#include "tests/fakes/docker_ping.h"
#include "tests/fakes/http_server.h"
#include "tests/fakes/warnings.h"

namespace skiff::drivers::docker {
namespace {

using sys::test::Peer;
using sys::test::Server;

Result<void> checked(const std::string& info) {
  Server server([&](Peer& peer, int) {
    for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
      if (head.find("/_ping") == std::string::npos) {
        peer.answer(info);
      } else {
        peer.write(fakes::docker_ping);
      }
    }
  });
  fakes::Warnings events;
  Engine engine(Endpoint{"unix://" + server.path(), {server.path(), "", 0, std::nullopt}});
  return check_root({{}, Deadline::in(std::chrono::seconds(10)), &events}, engine);
}

// As Docker 20.10 and podman 4.3 tell it.
TEST(Privileges, AnEngineWithoutRootIsRefused) {
  const auto rootless = checked(R"({"SecurityOptions":["name=seccomp,profile=default","name=rootless"]})");
  ASSERT_FALSE(rootless.ok());
  EXPECT_EQ(rootless.error().id, ErrorId::docker_unsupported);
  EXPECT_TRUE(checked(R"({"SecurityOptions":["name=seccomp,profile=default"]})").ok());
  EXPECT_TRUE(checked("{}").ok());
}

}  // namespace
}  // namespace skiff::drivers::docker
