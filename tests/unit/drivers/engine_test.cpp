// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/engine.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>

#include "tests/fakes/docker_ping.h"
#include "tests/fakes/http_server.h"

namespace skiff::drivers::docker {
namespace {

using sys::test::Peer;
using sys::test::Server;

// Answers GET /_ping like an engine, and everything else as told; keeps the requests' first lines.
class FakeEngine {
 public:
  FakeEngine(std::string version, std::string status, std::string body)
      : server_([this, version, status, body](Peer& peer, int) {
          for (;;) {
            const std::string head = peer.read_head();
            if (head.empty()) return;
            const std::lock_guard lock(mutex_);
            requests_.push_back(head.substr(0, head.find(" HTTP/")));
            if (requests_.back() == "GET /_ping") {
              peer.write("HTTP/1.1 200 OK\r\nApi-Version: " + version + "\r\nContent-Length: 2\r\n\r\nOK");
            } else {
              peer.answer(body, status);
            }
          }
        }) {}

  Endpoint endpoint() const { return {"unix://" + server_.path(), {server_.path(), "", 0, std::nullopt}}; }
  const std::string& path() const { return server_.path(); }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> requests_;
  Server server_;
};

constexpr const char* debian_12 = "1.41";

class EngineTest : public ::testing::Test {
 protected:
  template <class T>
  static Error error_of(const Result<T>& result) {
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error{} : result.error();
  }
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

TEST_F(EngineTest, SpeaksTheNewestVersionThatBothKnow) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"1.41", "/v1.41"}, {"1.44", "/v1.44"}, {"1.52", "/v1.47"}};
  for (const auto& [version, prefix] : cases) {
    FakeEngine fake(version, "200 OK", "[]");
    Engine engine(fake.endpoint());
    EXPECT_TRUE(engine.get(ctx, "/networks").ok());
    EXPECT_TRUE(engine.get(ctx, "/volumes").ok());
    const std::vector<std::string> wanted{"GET /_ping", std::string("GET ") + prefix + "/networks",
                                          std::string("GET ") + prefix + "/volumes"};
    EXPECT_EQ(fake.requests(), wanted);
  }
}

TEST_F(EngineTest, HungEngineIsNamedInsteadOfWaitedForWithoutEnd) {
  const Server hung([](Peer& peer, int) {
    while (!peer.read_some().empty()) continue;  // until the client has left
  });
  Engine engine(Endpoint{"unix://" + hung.path(), {hung.path(), "", 0, std::nullopt}}, Duration(50));
  const Context patient{{}, Deadline::never(), &events};
  const Error error = error_of(engine.get(patient, "/networks"));
  EXPECT_EQ(error.id, ErrorId::docker_not_running);
  EXPECT_NE(error.what.find("has not answered"), std::string::npos) << error.what;
  EXPECT_EQ(error_of(engine.get(ctx.within(Duration(10)), "/networks")).id, ErrorId::timeout)
      << "the caller's own limit";
}

TEST_F(EngineTest, EngineThatHangsLaterIsNamedToo) {
  const Server hung([](Peer& peer, int) {
    for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
      if (head.find("/_ping") == std::string::npos) continue;
      peer.write(fakes::docker_ping);
    }
  });
  Engine engine(Endpoint{"unix://" + hung.path(), {hung.path(), "", 0, std::nullopt}}, Duration(200));
  const Context patient{{}, Deadline::never(), &events};
  EXPECT_EQ(error_of(engine.find(patient, "/containers/x/json")).id, ErrorId::docker_not_running);
  const auto start = engine.call(ctx.within(Duration(400)), "POST", "/containers/x/start");
  EXPECT_EQ(error_of(start).id, ErrorId::timeout) << "what may take long has no limit but the caller's";
}

TEST_F(EngineTest, OldEngineIsUnsupported) {
  FakeEngine fake("1.40", "200 OK", "[]");
  Engine engine(fake.endpoint());
  const Error error = error_of(engine.get(ctx, "/networks"));
  EXPECT_EQ(error.id, ErrorId::docker_unsupported);
  EXPECT_NE(error.what.find("1.40"), std::string::npos) << error.what;
}

TEST_F(EngineTest, RefusalKeepsTheEnginesWords) {
  FakeEngine fake(debian_12, "500 Internal Server Error", R"({"message":"the engine's own words"})");
  Engine engine(fake.endpoint());
  const Error error = error_of(engine.call(ctx, "POST", "/containers/create?name=x", JsonObject{}));
  EXPECT_EQ(error.id, ErrorId::docker_error);
  EXPECT_EQ(error.what, "Docker: the engine's own words");
  ASSERT_FALSE(error.trail.empty());
  EXPECT_EQ(error.trail[0], "POST /v1.41/containers/create");
}

TEST_F(EngineTest, FullDiskIsNamed) {
  FakeEngine fake(debian_12, "500 Internal Server Error", R"({"message":"write /x: no space left on device"})");
  Engine engine(fake.endpoint());
  EXPECT_EQ(error_of(engine.get(ctx, "/x")).id, ErrorId::disk_full);
}

TEST_F(EngineTest, ToleratedStatusIsAnAnswer) {
  FakeEngine fake(debian_12, "404 Not Found", R"({"message":"no such container"})");
  Engine engine(fake.endpoint());
  EXPECT_EQ(engine.call(ctx, "DELETE", "/containers/x", nullptr, {404})->status, 404);
  EXPECT_FALSE(engine.find(ctx, "/containers/x/json")->has_value());
  EXPECT_EQ(error_of(engine.get(ctx, "/containers/x/json")).id, ErrorId::docker_error);
}

TEST_F(EngineTest, AbsentSocketIsNotRunning) {
  Engine engine(Endpoint{"unix:///nowhere.sock", {"/nowhere.sock", "", 0, std::nullopt}});
  const Error error = error_of(engine.version(ctx));
  EXPECT_EQ(error.id, ErrorId::docker_not_running);
  EXPECT_NE(error.what.find("unix:///nowhere.sock"), std::string::npos);
}

TEST_F(EngineTest, ForbiddenSocketAdvisesTheGroup) {
  FakeEngine fake(debian_12, "200 OK", "[]");
  ASSERT_EQ(chmod(fake.path().c_str(), 0), 0);
  const bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  Engine engine(fake.endpoint());
  const Error error = error_of(engine.version(ctx));
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  EXPECT_EQ(error.id, ErrorId::docker_permission);
  EXPECT_NE(advice_of(error).find("-aG docker"), std::string::npos);
}

TEST_F(EngineTest, MistakenEndpointIsReportedByEveryCall) {
  Engine engine(make_error(ErrorId::config_invalid, "bad DOCKER_HOST"));
  EXPECT_EQ(error_of(engine.get(ctx, "/networks")).what, "bad DOCKER_HOST");
  EXPECT_EQ(error_of(engine.info(ctx)).what, "bad DOCKER_HOST");
  EXPECT_EQ(error_of(engine.open(ctx, "/exec/x/start", nullptr)).what, "bad DOCKER_HOST");
}

}  // namespace
}  // namespace skiff::drivers::docker
