// SPDX-License-Identifier: Apache-2.0
#include "kube/node/registry_hosts.h"

#include <gtest/gtest.h>

namespace skiff::kube {
namespace {

TEST(RegistryHosts, AnInsecureRegistryIsOneHostForTlsAndPlainHttp) {
  const auto files = registry_files({{"reg.lab:5000"}, {}});
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, "/etc/containerd/certs.d/reg.lab:5000/hosts.toml");
  EXPECT_EQ(files[0].content,
            "server = \"http://reg.lab:5000\"\n\n[host.\"http://reg.lab:5000\"]\n  skip_verify = true\n");
}

TEST(RegistryHosts, MirrorsAreAskedBeforeDockersOwn) {
  const auto files = registry_files({{"a.lab"}, {"https://a.lab", "http://b.lab"}});
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[1].path, "/etc/containerd/certs.d/docker.io/hosts.toml");
  EXPECT_EQ(files[1].content,
            "[host.\"https://a.lab\"]\n  capabilities = [\"pull\", "
            "\"resolve\"]\n  skip_verify = true\n[host.\"http://b.lab\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
  EXPECT_TRUE(registry_files({}).empty());
}

}  // namespace
}  // namespace skiff::kube
