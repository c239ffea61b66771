// SPDX-License-Identifier: Apache-2.0
#include "model/proxies.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

TEST(Proxies, ArePastByWhatNoProxySays) {
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

TEST(Proxies, NeverStandBeforeThisHost) {
  EXPECT_TRUE(bypasses_proxy("", "127.0.0.1", "6443"));
  EXPECT_TRUE(bypasses_proxy("", "localhost", "6443"));
}

TEST(Proxies, AreKeptWithTheirSchemeAndWithoutAPath) {
  EXPECT_EQ(parse_proxy("proxy.corp:3128").value(), "http://proxy.corp:3128");
  EXPECT_EQ(parse_proxy(" https://proxy.corp/ ").value(), "https://proxy.corp");
  EXPECT_EQ(parse_proxy("http://ann:p%40ss@10.0.0.1:80").value(), "http://ann:p%40ss@10.0.0.1:80");
  for (const auto* bad : {"", "http://", "socks5://proxy.corp:1080", "http://proxy.corp:0", "http://proxy.corp:x",
                          "http://a b:80", "http://it's:80", "http://proxy.corp:", "http://[::1]:80"}) {
    EXPECT_EQ(parse_proxy(bad).error().id, ErrorId::usage) << bad;
  }
  EXPECT_EQ(parse_proxy("socks5://ann:secret@proxy.corp").error().what.find("secret"), std::string::npos);
}

TEST(Proxies, HavePartsAndAFaceForPeople) {
  const auto parts = parts_of_proxy("https://ann:p%40ss@proxy.corp");
  EXPECT_TRUE(parts.tls);
  EXPECT_EQ(parts.host, "proxy.corp");
  EXPECT_EQ(parts.port, 443);
  EXPECT_EQ(parts.user, "ann:p@ss");
  EXPECT_EQ(parts_of_proxy("http://proxy.corp:3128").port, 3128);
  EXPECT_EQ(without_password("http://ann:secret@proxy.corp:3128"), "http://ann:***@proxy.corp:3128");
  EXPECT_EQ(without_password("http://proxy.corp:3128"), "http://proxy.corp:3128");
}

TEST(Proxies, AreAskedByScheme) {
  const Proxies proxies{"http://a", "http://b", "corp.test"};
  EXPECT_EQ(proxy_for(proxies, false, "web.test", 80), "http://a");
  EXPECT_EQ(proxy_for(proxies, true, "web.test", 443), "http://b");
  EXPECT_EQ(proxy_for(proxies, true, "reg.corp.test", 443), std::nullopt);
  EXPECT_EQ(proxy_for({}, true, "web.test", 443), std::nullopt);
}

TEST(Proxies, ComeBackFromAProfile) {
  const Proxies proxies{"http://a", "", "corp.test,10.0.0.0/8", true};
  EXPECT_EQ(proxies_from(to_json(proxies)).value(), proxies);
  EXPECT_TRUE(to_json(Proxies()).empty());
  EXPECT_EQ(proxies_from(JsonObject{{"http", "ftp://x"}}).error().id, ErrorId::config_invalid);
  EXPECT_EQ(proxies_from(JsonObject{{"past", "it's"}}).error().id, ErrorId::config_invalid);
}

}  // namespace
}  // namespace skiff
