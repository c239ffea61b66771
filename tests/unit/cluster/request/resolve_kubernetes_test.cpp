// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/resolve_kubernetes.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

using Words = std::vector<std::string>;

Result<KubernetesSettings> resolved(const KubernetesRequest& request, KubernetesSettings before = {},
                                    bool saved = false) {
  Refusals refusals;
  TRY(resolve_kubernetes(before, request, saved, refusals));
  TRY(refusals.check());
  return before;
}

ErrorId refused(const KubernetesRequest& request) { return resolved(request).error().id; }

TEST(ResolveKubernetes, NothingSaidChangesNothing) {
  KubernetesSettings before;
  before.api_names = {"a.example"};
  before.feature_gates = {{"A", true}};
  EXPECT_EQ(resolved({}, before, true).value(), before);
}

TEST(ResolveKubernetes, AListReplacesWhatWasAndAnEmptyOneTakesItAway) {
  KubernetesRequest request;
  request.components = Words{"kubelet.v=2", "kubelet.max-pods=5", "kubelet.v=4"};
  request.feature_gates = Words{"A=true", "B=false", "A=false"};
  const auto first = resolved(request).value();
  EXPECT_EQ(first.components, (std::vector<ComponentSetting>{{"kubelet", "max-pods", "5"}, {"kubelet", "v", "4"}}));
  EXPECT_EQ(first.feature_gates, (std::map<std::string, bool>{{"A", false}, {"B", false}}));
  request.components = Words{};
  request.feature_gates = Words{};
  EXPECT_EQ(resolved(request, first, true).value(), KubernetesSettings());
}

TEST(ResolveKubernetes, NamesAndAddressesOfTheApiAreReplacedEachOnItsOwn) {
  KubernetesRequest request;
  request.api_names = Words{"b.example", "a.example"};
  request.api_addresses = Words{"10.1.2.3"};
  const auto first = resolved(request).value();
  EXPECT_EQ(first.api_names, (Words{"10.1.2.3", "a.example", "b.example"}));
  KubernetesRequest later;
  later.api_names = Words{"c.example"};
  EXPECT_EQ(resolved(later, first, true)->api_names, (Words{"10.1.2.3", "c.example"}));
  later.api_names = Words{"10.1.2.3"};
  EXPECT_EQ(refused(later), ErrorId::usage);
  later.api_names = {};
  later.api_addresses = Words{"c.example"};
  EXPECT_EQ(refused(later), ErrorId::usage);
}

TEST(ResolveKubernetes, PortAndDomainAreForLife) {
  KubernetesRequest request;
  request.api_port = 8443;
  request.dns_domain = "lab.example";
  const auto made = resolved(request).value();
  EXPECT_EQ(made.api_port, 8443);
  EXPECT_EQ(made.dns_domain, "lab.example");
  EXPECT_TRUE(resolved(request, made, true).ok());
  EXPECT_EQ(resolved(request, {}, true).error().id, ErrorId::profile_conflict);
  request.api_port = {};
  EXPECT_EQ(resolved(request, {}, true).error().id, ErrorId::profile_conflict);
}

TEST(ResolveKubernetes, WhatCannotBeIsRefused) {
  for (const int port : {0, -1, 65536, 10250, 2380, 30000, 32767, 6442}) {
    KubernetesRequest request;
    request.api_port = port;
    EXPECT_EQ(refused(request), ErrorId::usage) << port;
  }
  for (const auto* gate : {"A", "A=", "A=yes", "=true", "A b=true"}) {
    KubernetesRequest request;
    request.feature_gates = Words{gate};
    EXPECT_EQ(refused(request), ErrorId::usage) << gate;
  }
  KubernetesRequest request;
  request.certificate_lifetime = std::chrono::seconds(59);
  EXPECT_EQ(refused(request), ErrorId::usage);
  request.certificate_lifetime = std::chrono::minutes(3);
  EXPECT_EQ(resolved(request)->certificate_seconds, 180);
}

}  // namespace
}  // namespace skiff::cluster
