// SPDX-License-Identifier: Apache-2.0
// An engine that pushes: which layers are taken, and what is left of it in the engine.
#include "drivers/docker/push_layers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "sys/hash.h"
#include "sys/net/http.h"
#include "tests/fakes/docker_ping.h"
#include "tests/fakes/http_server.h"

namespace skiff::drivers::docker {
namespace {

using namespace std::string_literals;

// A gzip stream with one stored block (RFC 1951, 1952).
std::string packed(const std::string& text) {
  const auto little = [](std::uint32_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  std::uint32_t crc = ~0U;
  for (const unsigned char c : text) {
    crc ^= c;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  const auto size = static_cast<std::uint32_t>(text.size());
  return "\x1f\x8b\x08\0\0\0\0\0\0\xff\x01"s + little(size, 2) + little(~size, 2) + text + little(~crc, 4) +
         little(size, 4);
}

class PushLayersTest : public ::testing::Test {
 protected:
  PushLayersTest()
      : server([this](sys::test::Peer& peer, int) {
          for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
            const std::string line = head.substr(0, head.find(" HTTP/"));
            note(line);
            if (line == "GET /_ping") {
              peer.write(fakes::docker_ping);
            } else if (line.find("/push?") != std::string::npos) {
              push(line.substr(line.find("127.0.0.1:") + 10));
              peer.answer(R"({"error": "something else"})");
            } else if (line.find("/images/json?") != std::string::npos) {
              peer.answer(R"([{"RepoTags": ["127.0.0.1:1/skiff-load:999999999", "127.0.0.1:1/skiff-load:1"]}])");
            } else {
              peer.answer("{}", line.starts_with("POST") ? "201 Created" : "200 OK");
            }
          }
        }) {
    std::filesystem::create_directories(folder);
    ::setenv("DOCKER_HOST", ("unix://" + server.path()).c_str(), 1);
  }
  ~PushLayersTest() override {
    ::unsetenv("DOCKER_HOST");
    std::filesystem::remove_all(folder);
  }

  void note(const std::string& line) {
    const std::lock_guard lock(mutex);
    lines.push_back(line);
  }
  bool noted(const std::string& words) {
    const std::lock_guard lock(mutex);
    return std::ranges::any_of(lines, [&](const auto& line) { return line.find(words) != std::string::npos; });
  }

  // As the engine does it: all layers at once.
  void push(const std::string& place) {
    sys::HttpClient client({"", "127.0.0.1", static_cast<std::uint16_t>(std::stoi(place)), std::nullopt});
    EXPECT_EQ(client.send(ctx, {.path = "/v2/"}).value().status, 200);
    std::vector<std::jthread> uploads;
    for (const auto& layer : layers) {
      uploads.emplace_back([&client, this, layer] {
        const auto begun = client.send(ctx, {.method = "POST", .path = "/v2/skiff-load/blobs/uploads/"});
        if (!begun.ok()) return;
        sys::HttpRequest patch{.method = "PATCH", .path = begun->headers.at("location")};
        std::string rest = packed(layer);
        patch.body_source = [&rest](const Context&) -> Result<std::string> {
          std::string piece = rest.substr(0, 20'000);
          rest.erase(0, piece.size());
          return piece;
        };
        const auto sent = client.send(ctx, patch);
        if (sent.ok()) {
          EXPECT_EQ(sent->status, 202);
        }
      });
    }
  }

  std::string folder = std::filesystem::temp_directory_path() / ("skiff-push-" + sys::random_hex(6));
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(20)), &events};
  std::vector<std::string> layers = {std::string(60'000, 'b'), "the changed layer", std::string(50'000, 'c')};
  std::mutex mutex;
  std::vector<std::string> lines;
  sys::test::Server server;
};

std::string digest_of(const std::string& text) { return "sha256:" + sys::sha256_hex(text); }

TEST_F(PushLayersTest, TakesWhatIsWantedAndLeavesNoName) {
  const auto files = take_layers(ctx, "sha256:abc", {digest_of(layers[1])}, folder);
  ASSERT_TRUE(files.ok()) << files.error().what;
  const auto& file = files->at(digest_of(layers[1]));
  EXPECT_EQ(file.size, layers[1].size());
  std::ostringstream text;
  text << std::ifstream(file.path).rdbuf();
  EXPECT_EQ(text.str(), layers[1]);
  EXPECT_TRUE(noted("/images/sha256:abc/tag?repo=127.0.0.1:"));
  EXPECT_TRUE(noted("DELETE /v1.41/images/127.0.0.1:1/skiff-load:999999999"));  // of a run that was killed
  EXPECT_FALSE(noted("DELETE /v1.41/images/127.0.0.1:1/skiff-load:1?"));        // of one that works
  EXPECT_TRUE(noted("/skiff-load:" + std::to_string(::getpid()) + "?noprune=true"));
}

TEST_F(PushLayersTest, APushWithoutTheLayerIsAnErrorInDockersWords) {
  const auto files = take_layers(ctx, "sha256:abc", {digest_of("absent")}, folder);
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(files.error().id, ErrorId::docker_error);
  EXPECT_NE(files.error().what.find("something else"), std::string::npos) << files.error().what;
}

}  // namespace
}  // namespace skiff::drivers::docker
