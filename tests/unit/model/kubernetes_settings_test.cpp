// SPDX-License-Identifier: Apache-2.0
#include "model/kubernetes_settings.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

KubernetesSettings full() {
  KubernetesSettings settings;
  settings.api_port = 8443;
  settings.api_names = {"10.1.2.3", "api.lab.example"};
  settings.certificate_seconds = 180;
  settings.dns_domain = "lab.example";
  settings.context_namespace = "dev";
  settings.components = {{"kubelet", "max-pods", "50"}, {"apiserver", "audit-log-path", "/a=b,c"}};
  settings.feature_gates = {{"One", true}, {"Two", false}};
  return settings;
}

TEST(KubernetesSettings, AreKeptWithoutLoss) {
  EXPECT_EQ(kubernetes_settings_from(to_json(full())).value(), full());
  EXPECT_TRUE(to_json({}).empty()) << "what is not set is not kept";
  EXPECT_EQ(kubernetes_settings_from(JsonObject()).value(), KubernetesSettings());
}

TEST(KubernetesSettings, WhatIsDamagedIsNamed) {
  const auto why = [](JsonObject json) { return kubernetes_settings_from(std::move(json)).error().what; };
  EXPECT_NE(why({{"apiPort", 70000}}).find("apiPort"), std::string::npos);
  EXPECT_NE(why({{"apiNames", JsonArray{"a b"}}}).find("apiNames"), std::string::npos);
  EXPECT_NE(why({{"dnsDomain", ".."}}).find("dnsDomain"), std::string::npos);
  EXPECT_NE(why({{"extraConfig", JsonArray{"kublet.a=b"}}}).find("extraConfig"), std::string::npos);
  EXPECT_NE(why({{"featureGates", JsonArray{"A"}}}).find("featureGates"), std::string::npos);
  EXPECT_NE(why({{"certificateSeconds", -1}}).find("certificateSeconds"), std::string::npos);
  EXPECT_NE(why({{"contextNamespace", "A"}}).find("contextNamespace"), std::string::npos);
  EXPECT_FALSE(kubernetes_settings_from(JsonArray()).ok());
}

TEST(KubernetesSettings, OnlyTheContextsNamespaceNeedsNoRestart) {
  auto other = full();
  other.context_namespace = "prod";
  EXPECT_FALSE(needs_restart(full(), other));
  other.feature_gates.clear();
  EXPECT_TRUE(needs_restart(full(), other));
}

TEST(ComponentSetting, ReadsWhatMinikubeTakes) {
  const auto setting = parse_component_setting("kubelet.max-pods=50").value();
  EXPECT_EQ(setting, (ComponentSetting{"kubelet", "max-pods", "50"}));
  EXPECT_EQ(to_string(setting), "kubelet.max-pods=50");
  EXPECT_EQ(parse_component_setting("apiserver.a=b=c.d,e").value(), (ComponentSetting{"apiserver", "a", "b=c.d,e"}));
  EXPECT_EQ(parse_component_setting("kubelet.logging.verbosity=4").value().key, "logging.verbosity");
  EXPECT_EQ(parse_component_setting("proxy.mode=iptables").value().component, "kube-proxy");
  EXPECT_EQ(parse_component_setting("kube-scheduler.v=4").value().component, "scheduler");
  EXPECT_EQ(parse_component_setting("etcd.x=").value().value, "");
}

TEST(ComponentSetting, SaysWhatIsWrong) {
  const auto error = [](std::string_view text) { return parse_component_setting(text).error(); };
  EXPECT_EQ(error("kublet.max-pods=5").id, ErrorId::usage);
  EXPECT_NE(error("kublet.max-pods=5").what.find("did you mean 'kubelet'?"), std::string::npos);
  EXPECT_EQ(error("kubeadm.ignore-preflight-errors=all").id, ErrorId::unsupported);
  for (const auto* text : {"", "kubelet", "kubelet.max-pods", "kubelet=4", "kubelet.=4", ".a=b", "kubelet.-a=b",
                           "kubelet.a b=c", "kubelet.a=b\nc"}) {
    EXPECT_EQ(error(text).id, ErrorId::usage) << text;
  }
}

TEST(KubernetesSettings, NamesAreChecked) {
  for (const auto* name : {"localhost", "api.lab.example", "*.lab.example", "10.1.2.3", "fd00::1", "1and1.example"})
    EXPECT_TRUE(check_api_name(name).ok()) << name;
  for (const auto* name : {"", "a b", "https://a", "a..b", "-a", "10.1.2.300", "A.example", "*.", "a/24"})
    EXPECT_FALSE(check_api_name(name).ok()) << name;
  EXPECT_TRUE(is_ip_address("10.1.2.3"));
  EXPECT_FALSE(is_ip_address("ten.example"));
  EXPECT_TRUE(check_dns_domain("k8s.lab").ok());
  EXPECT_FALSE(check_dns_domain("lab.").ok());
  EXPECT_TRUE(check_namespace("kube-system").ok());
  EXPECT_FALSE(check_namespace("a.b").ok());
  EXPECT_TRUE(check_feature_gate("InPlacePodVerticalScaling").ok());
  EXPECT_FALSE(check_feature_gate("A B").ok());
}

}  // namespace
}  // namespace skiff
