// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/host_facts.h"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/fakes/docker_ping.h"
#include "tests/fakes/http_server.h"
#include "tests/fakes/warnings.h"

namespace skiff::drivers::docker {
namespace {

using sys::test::Peer;
using sys::test::Server;

// An engine on another host: its kernel, its clock, its default network, and what a container of that one sees.
class FarEngine {
 public:
  explicit FarEngine(std::string network, std::string resolv_conf)
      : network_(std::move(network)), resolv_conf_(std::move(resolv_conf)) {}

  Endpoint endpoint() const { return {"unix://" + server_.path(), {server_.path(), "", 0, std::nullopt}}; }
  bool removed() const { return removed_; }

 private:
  void serve(Peer& peer) {
    for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
      const auto asks = [&](std::string_view part) { return head.find(part) != std::string::npos; };
      if (asks("/_ping")) {
        peer.write(fakes::docker_ping);
      } else if (asks("/version")) {
        peer.answer(R"({"KernelVersion":"another","Arch":"arm64"})");
      } else if (asks("/info")) {
        peer.answer(R"({"SystemTime":"2001-09-09T03:46:40.123456789+02:00"})");
      } else if (asks("/networks/bridge")) {
        peer.answer(network_);
      } else if (asks("/attach?")) {
        peer.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
        const std::string header{1, 0, 0, 0, 0, 0, 0, static_cast<char>(resolv_conf_.size())};
        peer.write(header + resolv_conf_);
        return;
      } else if (asks("/start") && resolv_conf_.empty()) {
        peer.answer(R"({"message":"no such network"})", "500 Internal Server Error");
      } else if (asks("DELETE ")) {
        removed_ = true;
        peer.answer("", "200 OK");
      } else {
        peer.answer("{}", "201 Created");
      }
    }
  }

  std::string network_;
  std::string resolv_conf_;
  std::atomic<bool> removed_ = false;
  Server server_{[this](Peer& peer, int) { serve(peer); }};
};

class HostFactsTest : public testing::Test {
 protected:
  fakes::Warnings events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

TEST_F(HostFactsTest, OfAnotherHostAreWhatItsEngineTells) {
  FarEngine far(R"({"Options":{"com.docker.network.driver.mtu":"1442"}})",
                "nameserver 198.51.100.7\nsearch far.example\n");
  Engine engine(far.endpoint());
  const auto facts = host_facts(ctx, engine, "skiff-node:v1");
  ASSERT_TRUE(facts.ok()) << facts.error().what;
  EXPECT_EQ(facts->now, 1'000'000'000);
  EXPECT_EQ(facts->uplink_mtu, 1442);
  EXPECT_EQ(facts->resolver, (sys::Resolver{{"198.51.100.7"}, {"far.example"}}));
  EXPECT_TRUE(events.texts.empty());
}

TEST_F(HostFactsTest, WhatAnEngineDoesNotTellIsUnknown) {
  FarEngine far("{}", "");
  Engine engine(far.endpoint());
  const auto facts = host_facts(ctx, engine, "skiff-node:v1");
  ASSERT_TRUE(facts.ok()) << facts.error().what;
  EXPECT_EQ(facts->uplink_mtu, std::nullopt);
  EXPECT_EQ(facts->resolver, sys::Resolver()) << "not this host's";
  ASSERT_EQ(events.texts.size(), 1U);
  EXPECT_NE(events.texts[0].find("no such network"), std::string::npos);
  EXPECT_TRUE(far.removed()) << "the container that could not start";
}

TEST(HostFactsTime, IsReadInAnyZone) {
  constexpr std::time_t billion = 1'000'000'000;  // 2001-09-09T01:46:40Z
  EXPECT_EQ(parse_time("2001-09-09T01:46:40Z"), billion);
  EXPECT_EQ(parse_time("2001-09-09T01:46:40.987654321Z"), billion);
  EXPECT_EQ(parse_time("2001-09-09T03:46:40.5+02:00"), billion);
  EXPECT_EQ(parse_time("2001-09-08T22:16:40-03:30"), billion);
  for (const auto* text :
       {"", "2001-09-09", "2001-09-09T01:46:40", "2001-09-09T01:46:40.", "2001-09-09T01:46:40x02:00"})
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
}

}  // namespace
}  // namespace skiff::drivers::docker
