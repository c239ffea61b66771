// SPDX-License-Identifier: Apache-2.0
#include "cluster/proxy_in_the_way.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace skiff::cluster {
namespace {

TEST(Proxy, IsFoundInTheEnvironment) {
  for (const auto* name : {"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"}) ::unsetenv(name);
  EXPECT_EQ(proxy_in_the_way("https://192.168.80.2:6443"), "");
  ::setenv("https_proxy", "http://127.0.0.1:9", 1);
  EXPECT_EQ(proxy_in_the_way("https://192.168.80.2:6443"), "https_proxy");
  EXPECT_EQ(proxy_in_the_way("https://127.0.0.1:6443"), "");
  ::setenv("no_proxy", "192.168.80.0/24", 1);
  EXPECT_EQ(proxy_in_the_way("https://192.168.80.2:6443"), "");
  ::unsetenv("https_proxy");
  ::unsetenv("no_proxy");
}

}  // namespace
}  // namespace skiff::cluster
