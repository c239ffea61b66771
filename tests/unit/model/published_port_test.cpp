// SPDX-License-Identifier: Apache-2.0
#include "model/published_port.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

std::string read(std::string_view text) {
  const auto ports = parse_published_ports(text, "127.0.0.1");
  if (!ports.ok()) return ports.error().id == ErrorId::usage ? "usage" : "other";
  std::string all;
  for (const auto& port : *ports) all += (all.empty() ? "" : " ") + to_string(port);
  return all;
}

TEST(PublishedPort, IsWrittenAsDockerWritesIt) {
  EXPECT_EQ(read("8080:80"), "127.0.0.1:8080:80/tcp");
  EXPECT_EQ(read("0.0.0.0:8080:80/udp"), "0.0.0.0:8080:80/udp");
  EXPECT_EQ(read("[::1]:8080:80"), "[::1]:8080:80/tcp");
  EXPECT_EQ(read("30000-30001:40000-40001"), "127.0.0.1:30000:40000/tcp 127.0.0.1:30001:40001/tcp");
}

TEST(PublishedPort, ReadsWhatItHasWritten) {
  for (const std::string text : {"127.0.0.1:8080:80/tcp", "[::1]:1:65535/sctp"}) EXPECT_EQ(read(text), text);
}

TEST(PublishedPort, NonsenseIsRefused) {
  for (const std::string text : {"", "80", ":", "80:", ":80", "0:80", "80:65536", "8080:80/icmp", "8080:80/", "a:b",
                                 "host:8080:80", "1-3:1-2", "5-4:5-4", "127.0.0.1:80", "8080:80:90:100", "-1:80"}) {
    EXPECT_EQ(read(text), "usage") << text;
  }
}

}  // namespace
}  // namespace skiff
