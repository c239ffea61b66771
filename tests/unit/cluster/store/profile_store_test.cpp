// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/profile_store.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

class ProfileStoreTest : public testing::Test {
 protected:
  fakes::TemporaryHome temporary;
  ProfileStore store{temporary.home()};
};

TEST_F(ProfileStoreTest, AuthoritiesAreMadeOnce) {
  const auto made = store.authorities("lab");
  ASSERT_TRUE(made.ok()) << made.error().what;
  EXPECT_EQ(store.authorities("lab").value().cluster.cert_pem, made->cluster.cert_pem);
  EXPECT_FALSE(sys::exists(store.folder("lab") + "/pki.new"));
}

TEST_F(ProfileStoreTest, AuthoritiesThatWereNotWrittenToTheEndAreMadeAnew) {
  const std::string half_made = store.folder("lab") + "/pki.new";
  ASSERT_TRUE(sys::make_folders(half_made + "/etcd").ok());
  ASSERT_TRUE(sys::make_folders(store.folder("lab") + "/pki/etcd").ok());
  ASSERT_TRUE(sys::write_atomic(half_made + "/ca.key", "half a ").ok());
  const auto made = store.authorities("lab");
  ASSERT_TRUE(made.ok()) << made.error().what;
  EXPECT_TRUE(store.authorities("lab").ok());
}

}  // namespace
}  // namespace skiff::cluster
