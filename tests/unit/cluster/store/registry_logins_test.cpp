// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/registry_logins.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "tests/fakes/temporary_home.h"
#include "tests/fakes/warnings.h"

namespace skiff::cluster {
namespace {

class RegistryLogins : public testing::Test {
 protected:
  RegistryLogins() { ::setenv("PATH", (folder_ + ":" + path_before_).c_str(), 1); }
  ~RegistryLogins() override {
    ::setenv("PATH", path_before_.c_str(), 1);
    ::unsetenv("DOCKER_CONFIG");
    std::filesystem::remove_all(folder_);
  }
  std::string write(const std::string& name, const std::string& content, int mode = 0600) {
    EXPECT_TRUE(sys::make_folders(folder_).ok());
    EXPECT_TRUE(sys::write_atomic(folder_ + "/" + name, content, mode).ok());
    return folder_ + "/" + name;
  }
  // A program that keeps one login.
  void helper(const std::string& name, const std::string& answer, int code = 0) {
    write("docker-credential-" + name,
          "#!/bin/sh\ncat >/dev/null\n[ $1 = list ] && echo '{\"listed.test\": \"ann\"}' && exit\necho '" + answer +
              "'\nexit " + std::to_string(code) + "\n",
          0755);
  }

  std::string path_before_ = sys::env("PATH").value_or("");
  std::string folder_ = testing::TempDir() + "skiff-logins-" + std::to_string(::getpid());
  fakes::Warnings warnings_;
  Context ctx_{{}, Deadline::in(std::chrono::seconds(20)), &warnings_};
};

TEST_F(RegistryLogins, StandInTheFileOrWithAHelper) {
  helper("company", R"({"Username": "bob", "Secret": "s:1"})");
  const auto file =
      write("config.json", R"({"auths": {"own.test": {"auth": ")" + base64_encode("ann:secret") +
                               R"("}, "empty.test": {}}, "credHelpers": {"helped.test:5000": "company"}})");
  const auto logins = read_logins(ctx_, file);
  ASSERT_TRUE(logins.ok()) << logins.error().what;
  EXPECT_EQ(logins->size(), 2U);
  EXPECT_EQ(logins->at("own.test").password, "secret");
  EXPECT_EQ(logins->at("helped.test:5000").user, "bob");
  EXPECT_EQ(logins->at("helped.test:5000").password, "s:1");
  const std::string config = to_docker_config(*logins);
  EXPECT_NE(config.find(R"("own.test":{"auth":")" + base64_encode("ann:secret")), std::string::npos) << config;
  EXPECT_EQ(to_docker_config({}), "");
}

TEST_F(RegistryLogins, AStoreIsAskedForWhatItLists) {
  helper("store", R"({"Username": "ann", "Secret": "secret"})");
  write("config.json", R"({"auths": {"named.test": {}}, "credsStore": "store"})");
  ::setenv("DOCKER_CONFIG", folder_.c_str(), 1);
  const auto logins = read_logins(ctx_, std::string(logins_of_docker));
  ASSERT_TRUE(logins.ok()) << logins.error().what;
  EXPECT_TRUE(logins->contains("listed.test"));
  EXPECT_TRUE(logins->contains("named.test"));
}

TEST_F(RegistryLogins, WhatKubeletCannotUseIsToldAndLeftOut) {
  helper("store", R"({"Username": "<token>", "Secret": "x"})");
  const auto logins = read_logins(ctx_, write("c.json", R"({"credHelpers": {"token.test": "store"}})"));
  ASSERT_TRUE(logins.ok()) << logins.error().what;
  EXPECT_TRUE(logins->empty());
  EXPECT_EQ(warnings_.texts.size(), 1U);
}

TEST_F(RegistryLogins, WhatCannotBeReadIsSaid) {
  EXPECT_EQ(read_logins(ctx_, folder_ + "/absent").error().id, ErrorId::host_error);
  EXPECT_EQ(read_logins(ctx_, write("a.json", "{")).error().id, ErrorId::config_invalid);
  EXPECT_EQ(read_logins(ctx_, write("b.json", "[]")).error().id, ErrorId::config_invalid);
  EXPECT_EQ(read_logins(ctx_, write("c.json", R"({"credHelpers": {"a.test": "absent"}})")).error().id,
            ErrorId::tool_not_found);
  helper("broken", "locked", 1);
  EXPECT_EQ(read_logins(ctx_, write("d.json", R"({"credHelpers": {"a.test": "broken"}})")).error().id,
            ErrorId::host_error);
  helper("empty", "credentials not found in native keychain", 1);
  EXPECT_TRUE(read_logins(ctx_, write("e.json", R"({"credHelpers": {"a.test": "empty"}})")).value().empty());
}

TEST(LoginFor, AnImageIsThatOfItsRegistry) {
  const Logins logins = {{"https://index.docker.io/v1/", {"hub", ""}}, {"reg.test:5000", {"ann", ""}}};
  EXPECT_EQ(login_for(logins, "docker.io/library/app:1")->user, "hub");
  EXPECT_EQ(login_for(logins, "reg.test:5000/app:1")->user, "ann");
  EXPECT_FALSE(login_for(logins, "reg.test/app:1"));
}

}  // namespace
}  // namespace skiff::cluster
