// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cluster/start/start.h"

namespace skiff::cluster {
namespace {

using Change = void (*)(StartRequest&);

StartRequest changed(Change change) {
  StartRequest request;
  request.profile = "lab";
  if (change != nullptr) change(request);
  return request;
}
Result<ClusterSpec> fresh(Change change) { return resolve(changed(change), std::nullopt); }
Result<ClusterSpec> later(const ClusterSpec& saved, Change change) { return resolve(changed(change), saved); }
bool refused(const Result<ClusterSpec>& spec, ErrorId id) { return !spec.ok() && spec.error().id == id; }

TEST(ResolveNetwork, ServicesHaveTheRangeThatWasAskedForAtTheBeginning) {
  const auto spec = fresh([](auto& r) { r.service_range = "10.100.0.0/16"; });
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(to_string(dns_service_address(*spec)), "10.100.0.10");
  EXPECT_EQ(later(*spec, nullptr)->service_range, spec->service_range);
  EXPECT_TRUE(later(*spec, [](auto& r) { r.service_range = "10.100.0.0/16"; }).ok());
  EXPECT_TRUE(refused(later(*spec, [](auto& r) { r.service_range = "10.96.0.0/12"; }), ErrorId::profile_conflict));
}

TEST(ResolveNetwork, ServiceRangesThatCannotWorkAreRefused) {
  EXPECT_TRUE(refused(fresh([](auto& r) { r.service_range = "10.0.0.0/8"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.service_range = "10.96.0.0/29"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.service_range = "8.8.0.0/16"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.service_range = "10.244.0.0/16"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.service_range = "services"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) {
                        r.service_range = "192.168.80.0/24";
                        r.subnet = "192.168.80.0/24";
                      }),
                      ErrorId::usage));
}

TEST(ResolveNetwork, PodsHaveTheRangeThatWasAskedForAtTheBeginning) {
  const auto spec = fresh([](auto& r) { r.pod_range = "10.245.0.0/16"; });
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(to_string(nodes_of(PlacedSpec(*spec, {}))[0].pod_cidr), "10.245.2.0/24");
  EXPECT_EQ(later(*spec, nullptr)->pod_range, spec->pod_range);
  EXPECT_TRUE(refused(later(*spec, [](auto& r) { r.pod_range = "10.244.0.0/16"; }), ErrorId::profile_conflict));
  EXPECT_TRUE(fresh([](auto& r) {
                r.pod_range = "10.96.0.0/16";
                r.service_range = "10.244.0.0/16";
              }).ok());
  for (const auto* range : {"10.244.0.0/24", "10.244.0.0/12", "9.1.0.0/16", "10.100.0.0/16", "pods"}) {
    StartRequest request = changed(nullptr);
    request.pod_range = range;
    EXPECT_TRUE(refused(resolve(request, std::nullopt), ErrorId::usage)) << range;
  }
  EXPECT_TRUE(refused(fresh([](auto& r) {
                        r.pod_range = "192.168.0.0/16";
                        r.subnet = "192.168.80.0/24";
                      }),
                      ErrorId::usage));
}

TEST(ResolveNetwork, FamiliesOfAddressesAreChosenAtTheBeginning) {
  const auto dual = fresh([](auto& r) { r.ip_family = "dual"; });
  ASSERT_TRUE(dual.ok()) << dual.error().what;
  EXPECT_TRUE(dual->dual_stack);
  EXPECT_TRUE(later(*dual, nullptr)->dual_stack);
  EXPECT_TRUE(refused(later(*dual, [](auto& r) { r.ip_family = "ipv4"; }), ErrorId::profile_conflict));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.ip_family = "ipv6"; }), ErrorId::unsupported));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.ip_family = "both"; }), ErrorId::usage));
}

TEST(ResolveNetwork, PortsListenOnLoopbackUnlessSaidOtherwise) {
  const auto spec = fresh([](auto& r) { r.ports = {{"8080:80", "0.0.0.0:53:53/udp"}}; });
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(spec->ports, (std::vector<PublishedPort>{{"0.0.0.0", 53, 53, "udp"}, {"127.0.0.1", 8080, 80, "tcp"}}));
  const auto everywhere = fresh([](auto& r) {
    r.ports = {{"8080:80"}};
    r.listen_address = "0.0.0.0";
  });
  EXPECT_EQ(everywhere->ports.front().address, "0.0.0.0");
  EXPECT_TRUE(refused(later(*spec, [](auto& r) { r.ports = {{"8081:80"}}; }), ErrorId::profile_conflict));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.ports = {{"80"}}; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.ports = {{"8080:80", "8080:81"}}; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) {
                        r.ports = {{"8080:80"}};
                        r.listen_address = "here";
                      }),
                      ErrorId::usage));
}

TEST(ResolveNetwork, ANetworkIsNamedOnceAndForAll) {
  const auto spec = fresh([](auto& r) { r.network = "shared"; });
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(spec->network_name, "shared");
  EXPECT_TRUE(refused(later(*spec, [](auto& r) { r.network = "other"; }), ErrorId::profile_conflict));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.network = "host"; }), ErrorId::unsupported));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.network = "../x"; }), ErrorId::usage));
}

TEST(ResolveNetwork, RegistriesMayChangeAtEachStart) {
  auto spec = fresh([](auto& r) { r.insecure_registries = {{"reg.lab:5000", "http://reg.lab:5000"}}; });
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(spec->registries.insecure, std::vector<std::string>{"reg.lab:5000"});
  spec = later(*spec, [](auto& r) { r.registry_mirrors = {{"https://mirror.lab"}}; });
  EXPECT_EQ(spec->registries.insecure.size() + spec->registries.mirrors.size(), 2U);
  spec = later(*spec, [](auto& r) { r.insecure_registries.emplace(); });
  EXPECT_TRUE(spec->registries.insecure.empty());
  EXPECT_TRUE(refused(fresh([](auto& r) { r.insecure_registries = {{"10.0.0.0/24"}}; }), ErrorId::usage));
}

const Proxies office{"http://office", "http://office", "corp.test"};

TEST(ResolveNetwork, ProxiesAreThoseOfEachStartUntilSomebodySaysOthers) {
  auto spec = fresh([](auto& r) { r.environment = office; });
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(spec->proxies, office);
  EXPECT_EQ(later(*spec, nullptr)->proxies, office) << "a verb that knows of no environment";
  EXPECT_EQ(later(*spec, [](auto& r) { r.environment = Proxies(); })->proxies, Proxies());

  const auto by_flag = [](auto& r) {
    r.http_proxy = r.https_proxy = "proxy:3128";
    r.environment = office;
  };
  const Proxies said{"http://proxy:3128", "http://proxy:3128", "", true};
  spec = later(*spec, by_flag);
  EXPECT_EQ(spec->proxies, said);
  EXPECT_EQ(later(*spec, [](auto& r) { r.environment = office; })->proxies, said);
  EXPECT_EQ(later(*spec, [](auto& r) { r.no_proxy = "a.test"; })->proxies.past, "a.test");
  const auto none = later(*spec, [](auto& r) { r.http_proxy = r.https_proxy = "none"; });
  EXPECT_FALSE(none->proxies.any());
  EXPECT_FALSE(later(*none, [](auto& r) { r.environment = office; })->proxies.any());
  const auto back = later(*none, [](auto& r) {
    r.http_proxy = r.https_proxy = "environment";
    r.environment = office;
  });
  EXPECT_EQ(back->proxies, office);
}

TEST(ResolveNetwork, AProxyThatOnlyThisHostFindsIsRefused) {
  EXPECT_TRUE(refused(fresh([](auto& r) { r.https_proxy = "http://127.0.0.1:3128"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.http_proxy = "localhost:3128"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.http_proxy = "socks5://proxy:1080"; }), ErrorId::usage));
  EXPECT_TRUE(refused(fresh([](auto& r) { r.no_proxy = "it's"; }), ErrorId::usage));
}

TEST(ResolveNetwork, AuthoritiesAndLoginsMayChangeAtEachStart) {
  const auto spec = fresh([](auto& r) {
    r.ca_file = "company.pem";
    r.authorities = "PEM";
    r.registry_config = "logins.json";
  });
  ASSERT_TRUE(spec.ok()) << spec.error().what;
  EXPECT_EQ(later(*spec, nullptr)->authorities, "PEM");
  EXPECT_EQ(later(*spec, nullptr)->registry_config, "logins.json");
  EXPECT_EQ(later(*spec, [](auto& r) { r.ca_file = "none"; })->authorities, "");
  EXPECT_EQ(later(*spec, [](auto& r) { r.registry_config = "none"; })->registry_config, "");
}

TEST(ResolveNetwork, KubernetesCanBeLeftOutAndComeLater) {
  const auto none = fresh([](auto& r) { r.kubernetes.none = true; });
  ASSERT_TRUE(none.ok()) << none.error().what;
  EXPECT_TRUE(none->no_kubernetes);
  EXPECT_TRUE(later(*none, nullptr)->no_kubernetes) << "it stays as it was asked for";
  EXPECT_FALSE(later(*none, [](auto& r) { r.kubernetes.none = false; })->no_kubernetes);
  EXPECT_FALSE(later(*none, [](auto& r) { r.kubernetes_version = "stable"; })->no_kubernetes);
  EXPECT_TRUE(refused(fresh([](auto& r) {
                        r.kubernetes.none = true;
                        r.kubernetes_version = "stable";
                      }),
                      ErrorId::usage));
  EXPECT_TRUE(refused(later(*none, [](auto& r) { r.addons = {"ingress"}; }), ErrorId::usage));
}

}  // namespace
}  // namespace skiff::cluster
