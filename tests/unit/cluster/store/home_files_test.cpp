// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/home_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "kube/pki.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "tests/fakes/warnings.h"

namespace skiff::cluster {
namespace {

class HomeFilesTest : public testing::Test {
 protected:
  ~HomeFilesTest() override { std::filesystem::remove_all(home); }
  void write(const std::string& path, const std::string& content, int mode = 0600) {
    ASSERT_TRUE(sys::make_folders(std::filesystem::path(home + "/" + path).parent_path()).ok());
    ASSERT_TRUE(sys::write_atomic(home + "/" + path, content, mode).ok());
  }
  std::vector<TreeFile> read() { return home_files(home).value(); }

  fakes::Warnings events;
  std::string home = std::filesystem::temp_directory_path() / ("skiff-home-" + sys::random_hex(6));
};

TEST_F(HomeFilesTest, WithoutFoldersThereIsNothing) { EXPECT_TRUE(read().empty()); }

TEST_F(HomeFilesTest, FilesHaveTheSamePathInTheNode) {
  write("files/etc/test/nested/hosts", "text");
  write("files/usr/local/bin/tool", "#!/bin/sh", 0700);
  const auto files = read();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].path, "/etc/test/nested/hosts");
  EXPECT_EQ(files[0].content, "text");
  EXPECT_EQ(files[0].mode, 0644);
  EXPECT_EQ(files[1].mode, 0755);
}

TEST_F(HomeFilesTest, CertificatesAreThoseOfAllFiles) {
  const auto authorities = kube::make_authorities();
  ASSERT_TRUE(authorities.ok());
  write("certs/company.pem", "A bundle\n" + authorities->cluster.cert_pem + "\n" + authorities->etcd.cert_pem);
  write("certs/empty.pem", "");
  write("certs/notes.txt", "no certificate");
  const auto found = home_authorities(home, events);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].name, "company.pem");
  EXPECT_EQ((*found)[0].pem, authorities->cluster.cert_pem);
  EXPECT_EQ((*found)[1].name, "company-2.pem");
}

TEST_F(HomeFilesTest, ACertificateThatHasExpiredIsWarnedOf) {
  const auto authority = kube::make_authorities()->cluster;
  const auto expired = kube::issue(authority, {.common_name = "old", .lifetime = -std::chrono::seconds(60)});
  ASSERT_TRUE(expired.ok());
  EXPECT_EQ(authorities_in("old.pem", authority.cert_pem + expired->cert_pem, events).size(), 2U);
  ASSERT_EQ(events.texts.size(), 1U);
  EXPECT_NE(events.texts[0].find("old-2.pem has expired"), std::string::npos) << events.texts[0];
}

TEST_F(HomeFilesTest, ACertificateAmongTheTrustedOnesIsTrustedToo) {
  const auto authorities = kube::make_authorities();
  ASSERT_TRUE(authorities.ok());
  write("files/etc/ssl/certs/company.pem", authorities->cluster.cert_pem);
  write("files/etc/ssl/certs/broken.pem", "none");
  const auto files = read();
  ASSERT_EQ(files.size(), 4U) << "both as they are, and the one that is a certificate twice more";
  const auto count = [&](std::string_view beginning) {
    return std::ranges::count_if(files, [&](const TreeFile& file) { return file.path.starts_with(beginning); });
  };
  EXPECT_EQ(count("/usr/share/ca-certificates/company.pem"), 1);
  EXPECT_EQ(count("/etc/ssl/certs/"), 3);
}

TEST_F(HomeFilesTest, WhatWouldNotLastOrIsTooMuchIsRefused) {
  write("files/tmp/x", "x");
  EXPECT_EQ(home_files(home).error().id, ErrorId::config_invalid);
  std::filesystem::remove(home + "/files/tmp/x");
  write("files/opt/large", std::string((16U << 20U) + 1, 'x'));
  EXPECT_EQ(home_files(home).error().id, ErrorId::config_invalid);
}

}  // namespace
}  // namespace skiff::cluster
