// SPDX-License-Identifier: Apache-2.0
#include "cluster/host_ports.h"

#include <gtest/gtest.h>

#include "net/listen.h"
#include "net/local_address.h"
#include "tests/unit/addons/addon_folder.h"

namespace skiff::cluster {
namespace {

// A port of localhost that somebody has, for as long as this lives.
struct Taken {
  explicit Taken(std::uint16_t port = 0)
      : socket(net::bind_socket({net::Protocol::tcp, {net::localhost, false}, port}).value()),
        number(net::listen_point_of(socket.get())->port) {}
  sys::UniqueFd socket;
  std::uint16_t number;
};

addons::Addon addon_with(std::uint16_t port, const std::string& more = "  value: port\n") {
  return addons::addon_of(std::string(addons::small_description) +
                          "values:\n  port: {default: " + std::to_string(port) +
                          ", help: h}\nhostPort:\n  namespace: default\n  service: small\n  port: 5000\n" + more);
}

TEST(HostPort, ATakenOneGivesWayToTheNextThatIsFree) {
  const Taken taken;
  const auto chosen = with_host_port({}, addon_with(taken.number));
  ASSERT_TRUE(chosen.contains("port"));
  const int port = std::stoi(chosen.at("port"));
  EXPECT_GT(port, taken.number);
  EXPECT_FALSE(net::is_taken({net::Protocol::tcp, {net::localhost, false}, static_cast<std::uint16_t>(port)}));
}

TEST(HostPort, AFreeOneIsLeftToTheDefault) {
  std::uint16_t free = 0;
  {
    free = Taken().number;
  }
  EXPECT_TRUE(with_host_port({}, addon_with(free)).empty());
}

TEST(HostPort, WhatTheUserHasSetStaysAndAnAddonWithoutSuchAValueIsLeftAlone) {
  const Taken taken;
  const std::string text = std::to_string(taken.number);
  EXPECT_EQ(with_host_port({{"port", text}}, addon_with(1)), (addons::Settings{{"port", text}}));
  EXPECT_TRUE(with_host_port({}, addon_with(taken.number, "")).empty());
  EXPECT_TRUE(with_host_port({}, addons::addon_of(addons::small_description)).empty());
}

TEST(HostPort, MovesWithItsValue) {
  const auto addon = addon_with(5000);
  EXPECT_FALSE(moves_host_port(addon, {}, {{"port", "5000"}}));
  EXPECT_TRUE(moves_host_port(addon, {}, {{"port", "5001"}}));
  EXPECT_TRUE(moves_host_port(addon, {{"port", "5001"}}, {}));
}

TEST(HostPort, ItsValueMustBeANumberOfTheAddon) {
  for (const auto* value : {"  value: absent\n", "  value: word\n"}) {
    const auto parsed = addons::parse_addon(addons::folder_of(
        std::string(addons::small_description) +
        "values:\n  word: {default: x, help: h}\nhostPort:\n  namespace: n\n  service: s\n  port: 1\n" + value));
    ASSERT_FALSE(parsed.ok()) << value;
    EXPECT_EQ(parsed.error().id, ErrorId::addon_invalid);
  }
}

}  // namespace
}  // namespace skiff::cluster
