// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "images/fetch.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::images {
namespace {

class WebTest : public testing::Test {
 protected:
  WebTest() : folder_(testing::TempDir() + "skiff-web-" + sys::random_hex(4)) {
    for (const auto* name : names) ::unsetenv(name);
    ::setenv("DOCKER_CONFIG", folder_.c_str(), 1);
    ::setenv("SKIFF_HOME", folder_.c_str(), 1);
  }
  ~WebTest() override {
    for (const auto* name : names) ::unsetenv(name);
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& name, const std::string& content) {
    const std::string path = folder_ + "/" + name;
    ASSERT_TRUE(sys::make_folders(std::filesystem::path(path).parent_path()).ok());
    ASSERT_TRUE(sys::write_atomic(path, content).ok());
  }

  static constexpr std::array names = {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY",   "https_proxy",  "NO_PROXY",
                                       "no_proxy",   "SKIFF_HOME", "DOCKER_CONFIG", "SKIFF_CA_FILE"};
  std::string folder_;
};

TEST_F(WebTest, ProxiesAreThoseOfTheEnvironmentInEitherCase) {
  EXPECT_EQ(proxies_here().value(), Proxies());
  ::setenv("https_proxy", "proxy.test:3128", 1);
  ::setenv("NO_PROXY", "a.test, b.test", 1);
  EXPECT_EQ(proxies_here().value(), (Proxies{"", "http://proxy.test:3128", "a.test,b.test"}));
  ::setenv("HTTPS_PROXY", "socks5://proxy.test", 1);
  EXPECT_EQ(proxies_here().error().id, ErrorId::usage);
}

TEST_F(WebTest, WhereItSaysNothingDockersAreTaken) {
  write("config.json",
        R"({"proxies": {"default": {"httpProxy": "http://a:1", "httpsProxy": "http://b:2", "noProxy": "c"}}})");
  EXPECT_EQ(proxies_here().value(), (Proxies{"http://a:1", "http://b:2", "c"}));
  ::setenv("HTTP_PROXY", "http://own:3", 1);
  EXPECT_EQ(proxies_here().value(), (Proxies{"http://own:3", "", ""}));
  ::unsetenv("HTTP_PROXY");
  write("config.json", "{");
  EXPECT_EQ(proxies_here().error().id, ErrorId::config_invalid);
}

TEST_F(WebTest, AClustersOwnHoldWhileItIsWorkedFor) {
  ::setenv("HTTPS_PROXY", "http://office", 1);
  {
    const WebOfCluster web({"", "http://cluster", "x"}, "PEM\n");
    EXPECT_EQ(proxies_here().value(), (Proxies{"", "http://cluster", "x"}));
    EXPECT_EQ(sys::env("https_proxy"), "http://cluster");
    EXPECT_EQ(authorities_here().value(), "PEM\n");
  }
  EXPECT_EQ(proxies_here().value(), (Proxies{"", "http://office", ""}));
  EXPECT_EQ(sys::env("https_proxy"), std::nullopt);
  EXPECT_EQ(authorities_here().value(), "");
}

TEST_F(WebTest, AuthoritiesAreThoseOfTheHomeAndOneFile) {
  write("certs/a.pem", "A");
  write("certs/notes.txt", "N");
  write("b.pem", "B");
  ::setenv("SKIFF_CA_FILE", (folder_ + "/b.pem").c_str(), 1);
  EXPECT_EQ(authorities_here().value(), "A\nB\n");
  ::setenv("SKIFF_CA_FILE", (folder_ + "/absent").c_str(), 1);
  EXPECT_FALSE(web_here().ok());
}

TEST_F(WebTest, AServerIsAskedByTheProxyOfItsScheme) {
  ::setenv("HTTPS_PROXY", "http://ann:p%40ss@proxy.test:3128", 1);
  const auto web = web_here().value();
  EXPECT_FALSE(web.proxy(sys::parse_url("http://web.test/").value()));
  const auto proxy = web.proxy(sys::parse_url("https://web.test/").value());
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->host, "proxy.test");
  EXPECT_EQ(proxy->port, 3128);
  EXPECT_EQ(proxy->user, "ann:p@ss");
  EXPECT_EQ(proxy->told_as, "http://ann:***@proxy.test:3128");
}

}  // namespace
}  // namespace skiff::images
