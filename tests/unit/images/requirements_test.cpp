// SPDX-License-Identifier: Apache-2.0
#include "images/requirements.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace skiff::images {
namespace {

TEST(Requirements, GoVersions) {
  EXPECT_TRUE(is_new_enough("go1.26.8"));
  EXPECT_TRUE(is_new_enough("go1.26"));
  EXPECT_TRUE(is_new_enough("go1.27rc1"));
  EXPECT_TRUE(is_new_enough("go2.0"));
  EXPECT_FALSE(is_new_enough("go1.25.9"));
  EXPECT_FALSE(is_new_enough("go1.9"));
  EXPECT_FALSE(is_new_enough("devel +a1b2c3"));
  EXPECT_FALSE(is_new_enough(""));
}

const Part debian_part{.name = "base", .summary = "Base", .disk_mib = 1, .build = DebianBuild{}};

TEST(Requirements, NothingIsAskedForWhenNothingIsMissing) {
  NoEvents events;
  const Context ctx{{}, Deadline::never(), &events};
  const auto tools = check_requirements(ctx, {}, "/", 0);
  ASSERT_TRUE(tools.ok());
  EXPECT_TRUE(tools->go.empty());
}

TEST(Requirements, AMissingToolIsNamedWithItsPackage) {
  NoEvents events;
  const Context ctx{{}, Deadline::never(), &events};
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const auto tools = check_requirements(ctx, std::span(&debian_part, 1), "/", 0);
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(tools.ok());
  EXPECT_EQ(tools.error().id, ErrorId::tool_not_found);
  EXPECT_NE(tools.error().advice.find("apt install mmdebstrap"), std::string::npos);
}

TEST(Requirements, AFullDiskIsAnErrorBeforeAnyWork) {
  NoEvents events;
  const Context ctx{{}, Deadline::never(), &events};
  const auto tools = check_requirements(ctx, {}, "/", 1'000'000'000);
  ASSERT_FALSE(tools.ok());
  EXPECT_EQ(tools.error().id, ErrorId::disk_full);
}

TEST(Failure, OfTheNetworkIsToldApart) {
  const Error offline = explain_failure(
      debian_part.summary,
      "go: github.com/x/y@v1: Get \"https://proxy.example.org/x\": dial tcp: lookup proxy.example.org: no such host",
      "/log");
  EXPECT_EQ(offline.id, ErrorId::network);
  const Error apt = explain_failure(debian_part.summary, "E: Failed to fetch http://mirror.example.org/x", "/log");
  EXPECT_EQ(apt.id, ErrorId::network);
  const Error broken = explain_failure(debian_part.summary, "main.go:3: undefined: x", "/log");
  EXPECT_EQ(broken.id, ErrorId::image_build_failed);
  EXPECT_NE(broken.what.find("/log"), std::string::npos);
}

TEST(Failure, KeepsTheLastLines) {
  std::string output;
  for (int i = 0; i < 100; ++i) output += "line " + std::to_string(i) + '\n';
  const Error error = explain_failure(debian_part.summary, output, "/log");
  ASSERT_EQ(error.trail.size(), 8U);
  EXPECT_EQ(error.trail.back(), "line 99");
}

}  // namespace
}  // namespace skiff::images
