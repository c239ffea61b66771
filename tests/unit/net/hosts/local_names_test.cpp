// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/local_names.h"

#include <gtest/gtest.h>

#include <vector>

namespace skiff::net {
namespace {

TEST(LocalNames, NobodysNamesAreLocal) {
  for (const auto* name : {"helloworld.test", "a.b.TEST", "test", "chart-example.local", "app.localhost",
                           "shop.example", "www.example.com", "example.org", "x.invalid"}) {
    EXPECT_TRUE(is_local_name(name)) << name;
  }
}

TEST(LocalNames, NamesThatMayBeSomebodysAreNot) {
  for (const auto* name :
       {"github.com", "localhost.com", "mytest", "test.com", "examples.com", "notexample.com", "git.corp.internal",
        "metadata.google.internal", "nas.lan", "router.home.arpa", "web", "app.127.0.0.1.nip.io", ""}) {
    EXPECT_FALSE(is_local_name(name)) << name;
  }
}

TEST(LocalNames, PatternsAreNamesOrAllBelowOne) {
  const std::vector<std::string> patterns = {"git.corp.com", "*.Dev.corp.com"};
  EXPECT_TRUE(matches_any("GIT.corp.com", patterns));
  EXPECT_TRUE(matches_any("a.b.dev.corp.com", patterns));
  EXPECT_FALSE(matches_any("dev.corp.com", patterns));
  EXPECT_FALSE(matches_any("xdev.corp.com", patterns));
  EXPECT_FALSE(matches_any("a.git.corp.com", patterns));
  EXPECT_FALSE(matches_any("git.corp.com", {}));
  EXPECT_TRUE(matches_any("anything.com", std::vector<std::string>{"*"}));
  for (const auto* good : {"*", "*.nip.io", "corp.com", "web"}) EXPECT_TRUE(check_host_pattern(good).ok()) << good;
  for (const auto* bad : {"", "*.", "**.com", "a.*.com", "*com", "127.0.0.1", "a b"}) {
    EXPECT_FALSE(check_host_pattern(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace skiff::net
