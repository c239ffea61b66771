// SPDX-License-Identifier: Apache-2.0
#include "kube/node/outside.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "kube/pki.h"

namespace skiff::kube {
namespace {

PlacedSpec lab() {
  ClusterSpec spec;
  spec.profile = "lab";
  grow(spec, 2);
  return {spec, parse_cidr("192.168.80.0/24").value()};
}

const TreeFile* file(const OutsideFiles& all, std::string_view path) {
  const auto at = std::ranges::find_if(all.files, [&](const TreeFile& each) { return each.path == path; });
  return at == all.files.end() ? nullptr : &*at;
}
std::string list_of(const OutsideFiles& all) { return file(all, "/etc/skiff/given/" + all.digest)->content; }

TEST(Outside, NothingIsGivenWhereNothingIsNeeded) {
  const auto all = outside_files(lab(), {});
  EXPECT_TRUE(all.files.empty());
  EXPECT_EQ(all.digest, "");
}

TEST(Outside, AllOfTheClusterGoesPastItsProxies) {
  auto spec = lab();
  spec.proxies = {"http://a", "http://b", "corp.test"};
  EXPECT_EQ(past_proxies(spec),
            "localhost,127.0.0.0/8,::1,192.168.80.0/24,10.244.0.0/16,10.96.0.0/12,.svc,.cluster.local,lab-cp1,lab-w1,"
            "host.skiff.internal,host.docker.internal,host.minikube.internal,corp.test");
  const auto all = outside_files(spec, {});
  const auto* env = file(all, "/etc/skiff/containerd.env");
  ASSERT_NE(env, nullptr);
  EXPECT_TRUE(
      env->content.starts_with("export HTTP_PROXY='http://a'\nexport HTTPS_PROXY='http://b'\nexport NO_PROXY='"));
  EXPECT_EQ(env->mode, 0600) << "there may be a password in it";
  spec.dual_stack = true;
  EXPECT_NE(past_proxies(spec).find(",fd73:6b69:af4::/48,"), std::string::npos);
}

TEST(Outside, AuthoritiesAreTrustedByNameAndByHash) {
  const auto authorities = make_authorities().value();
  const std::string pem = authorities.cluster.cert_pem;
  const auto all = outside_files(lab(), {{{"company.pem", pem}}, {}});
  for (const auto& path :
       {std::string("/etc/ssl/certs/company.pem"), "/etc/ssl/certs/" + subject_hash(pem).value() + ".0",
        std::string("/usr/share/ca-certificates/company.pem")}) {
    ASSERT_NE(file(all, path), nullptr) << path;
    EXPECT_EQ(file(all, path)->content, pem);
    EXPECT_NE(list_of(all).find(path + "\n"), std::string::npos);
  }
  EXPECT_EQ(certificates_in("A bundle\n" + pem + "between\n" + pem).size(), 2U);
  EXPECT_TRUE(certificates_in("-----BEGIN CERTIFICATE-----\nMII").empty());
}

// What a service reads when it starts has a digest of its own, so that only a change of that starts it anew.
TEST(Outside, TheListTellsWhoReadsWhat) {
  auto spec = lab();
  const auto line = [&](const Outside& outside, std::string_view service) {
    const std::string list = list_of(outside_files(spec, outside));
    const auto at = list.find("#" + std::string(service) + " ");
    return list.substr(at, list.find('\n', at) - at);
  };
  spec.registries.mirrors = {"https://mirror.lab"};
  EXPECT_EQ(line({}, "containerd"), "#containerd -") << "it reads of registries at each pull";
  EXPECT_EQ(line({{}, "{}"}, "containerd"), "#containerd -");
  EXPECT_NE(line({{}, "{}"}, "kubelet"), "#kubelet -");
  const auto before = outside_files(spec, {}).digest;
  spec.proxies.https = "http://a";
  EXPECT_NE(line({}, "containerd"), "#containerd -");
  EXPECT_NE(outside_files(spec, {}).digest, before);
}

}  // namespace
}  // namespace skiff::kube
