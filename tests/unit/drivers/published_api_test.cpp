// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/published_api.h"

#include <gtest/gtest.h>

#include "tests/fakes/docker_ping.h"
#include "tests/fakes/http_server.h"

namespace skiff::drivers::docker {
namespace {

using sys::test::Peer;
using sys::test::Server;

Engine engine_at(const std::string& url, const std::string& host) {
  return Engine(Endpoint{url, {host.starts_with('/') ? host : "", host.starts_with('/') ? "" : host, 2376, {}}});
}

// An engine on another kernel that runs one container of skiff's, with its API on the first port.
void answer(Peer& peer) {
  for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
    if (head.find("/_ping") != std::string::npos) {
      peer.write(fakes::docker_ping);
    } else if (head.find("/version") != std::string::npos) {
      peer.answer(R"({"KernelVersion":"another"})", "200 OK");
    } else {
      peer.answer(R"([{"Labels":{"dev.skiff.api-port":"26443"}}])", "200 OK");
    }
  }
}

class Reach : public testing::Test {
 protected:
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

// What a container's description says about its API: "address:port", and the label.
std::string published(const Context& ctx, Engine&& engine, std::uint16_t port) {
  JsonObject description{{"HostConfig", JsonObject()}, {"Labels", JsonObject()}};
  if (const auto done = publish_api(ctx, description, engine, port, default_api_port); !done.ok())
    return done.error().what;
  const JsonObject* bindings = description["HostConfig"].as_object()["PortBindings"].if_object();
  if (bindings == nullptr) return "";
  const Json& binding = bindings->at("6443/tcp").as_array().at(0);
  EXPECT_TRUE(description["ExposedPorts"].as_object().contains("6443/tcp"));
  EXPECT_EQ(description["Labels"].as_object()["dev.skiff.api-port"], binding.at("HostPort"));
  return text_at(binding, "HostIp") + ":" + text_at(binding, "HostPort");
}

TEST_F(Reach, PublishesAtTheAddressByWhichTheEngineWasReached) {
  EXPECT_EQ(published(ctx, engine_at("unix:///run/docker.sock", "/run/docker.sock"), 26443), "127.0.0.1:26443");

  const auto identity = sys::test::make_identity("DNS:engine.test");
  Server server([](Peer& peer, int) { answer(peer); }, identity, std::nullopt);
  const sys::Tls tls{identity.cert_pem, "", "", "engine.test"};
  const auto url = "tcp://localhost:" + std::to_string(server.port());
  EXPECT_EQ(published(ctx, Engine(Endpoint{url, {"", "localhost", server.port(), tls}}), 26444), "127.0.0.1:26444")
      << "an address, whatever the name";
}

TEST_F(Reach, PublishesNothingWhereThereIsNothingToPublishOrNoEngine) {
  EXPECT_EQ(published(ctx, engine_at("tcp://build.test:2376", "build.test"), 0), "");
  const Endpoint nobody{"tcp://127.0.0.1:1", {"", "127.0.0.1", 1, {}}};
  EXPECT_EQ(published(ctx, Engine(nobody), 26443), "Docker cannot be reached at tcp://127.0.0.1:1");
}

std::string api_seen(const Engine& engine, const Labels& labels) {
  ObservedNode node;
  node.api = "192.168.80.2:6443";
  locate_api(node, labels, engine);
  return node.api;
}

TEST_F(Reach, ApiIsWhereTheLabelSays) {
  const Labels label{{"dev.skiff.api-port", "26443"}};
  EXPECT_EQ(api_seen(engine_at("tcp://build.test:2376", "build.test"), label), "build.test:26443");
  EXPECT_EQ(api_seen(engine_at("tcp://[fd00::1]:2376", "fd00::1"), label), "[fd00::1]:26443");
  EXPECT_EQ(api_seen(engine_at("unix:///run/docker.sock", "/run/docker.sock"), label), "127.0.0.1:26443");
  EXPECT_EQ(api_seen(engine_at("unix:///run/docker.sock", "/run/docker.sock"), {}), "192.168.80.2:6443");
  EXPECT_EQ(api_seen(engine_at("tcp://build.test:2376", "build.test"), {}), "") << "an address of another network";
}

TEST_F(Reach, PortsThatOtherClustersHaveAreLeftAlone) {
  Server server([](Peer& peer, int) { answer(peer); });
  Engine engine(Endpoint{"unix://" + server.path(), {server.path(), "", 0, {}}});
  const auto ports = api_ports(ctx, engine, Role::control_plane);
  ASSERT_TRUE(ports.ok());
  EXPECT_EQ(ports->front(), 26444);
  EXPECT_EQ(ports->size(), 99U);
  EXPECT_EQ(api_ports(ctx, engine, Role::worker).value(), std::vector<std::uint16_t>{0});
}

TEST_F(Reach, PortThatCannotBePublishedIsExplained) {
  const auto id_of = [](const std::string& words) {
    return explain_start(make_error(ErrorId::docker_error, words)).id;
  };
  EXPECT_EQ(id_of("Docker: ... Bind for 127.0.0.1:26443 failed: port is already allocated"), ErrorId::port_in_use);
  EXPECT_EQ(id_of("Docker: ... listen tcp4 127.0.0.1:26443: bind: address already in use"), ErrorId::port_in_use);
  EXPECT_EQ(id_of("Docker: ... listen tcp4 203.0.113.9:26443: bind: cannot assign requested address"),
            ErrorId::unsupported)
      << "the address is translated on the way";
  EXPECT_EQ(id_of("Docker: no such file"), ErrorId::docker_error);
}

}  // namespace
}  // namespace skiff::drivers::docker
