#include "cluster/proxy_in_the_way.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace skiff::cluster {
namespace {

TEST(Proxy, IsPassedByWhatNoProxySays) {
  for (const auto* list : {"*", "192.168.80.2", "192.168.80.2:6443", "a.test, 192.168.80.0/24 ,", "192.168.0.0/16"}) {
    EXPECT_TRUE(bypasses_proxy(list, "192.168.80.2", "6443")) << list;
  }
  for (const auto* list : {"", "localhost", "192.168.81.0/24", "192.168.80.2:80", "80.2", "168.80.2", ",", ":6443"}) {
    EXPECT_FALSE(bypasses_proxy(list, "192.168.80.2", "6443")) << list;
  }
  for (const auto* list : {"corp.test", ".corp.test", "*.corp.test", "Engine.Corp.test", "engine.corp.test:6443"}) {
    EXPECT_TRUE(bypasses_proxy(list, "engine.corp.test", "6443")) << list;
  }
  for (const auto* list : {"orp.test", ".engine.corp.test", "engine"}) {
    EXPECT_FALSE(bypasses_proxy(list, "engine.corp.test", "6443")) << list;
  }
}

TEST(Proxy, NeverStandsBeforeThisHost) {
  EXPECT_TRUE(bypasses_proxy("", "127.0.0.1", "6443"));
  EXPECT_TRUE(bypasses_proxy("", "localhost", "6443"));
}

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
