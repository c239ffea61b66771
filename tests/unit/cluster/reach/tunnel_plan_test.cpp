// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/tunnel_plan.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

Json balancer(std::string_view status, std::string_view more = "") {
  return *parse_json(R"({"metadata": {"namespace": "shop", "name": "web"}, "spec": {"type": "LoadBalancer", )" +
                     std::string(more) + R"("clusterIP": "10.96.3.4", "ports": [{"port": 9000, "nodePort": 31000}]},
                     "status": {"loadBalancer": )" +
                     std::string(status) + "}}");
}
const char* const ours = R"({"ingress": [{"ip": "127.0.0.2", "ipMode": "Proxy"}]})";

TEST(TunnelPlan, KnowsAddressesThatATunnelWrites) {
  EXPECT_EQ(tunnel_address(balancer(ours)), *parse_ipv4("127.0.0.2"));
  EXPECT_FALSE(tunnel_address(balancer("{}")));
  EXPECT_FALSE(tunnel_address(balancer(R"({"ingress": [{"ip": "127.0.0.2", "ipMode": "VIP"}]})")));
  EXPECT_FALSE(tunnel_address(balancer(R"({"ingress": [{"ip": "10.1.2.3", "ipMode": "Proxy"}]})")));
  EXPECT_FALSE(tunnel_address(balancer(R"({"ingress": [{"hostname": "lb.test"}]})")));
  EXPECT_FALSE(tunnel_address(
      balancer(R"({"ingress": [{"ip": "127.0.0.2", "ipMode": "Proxy"}, {"ip": "127.0.0.3", "ipMode": "Proxy"}]})")));
}

TEST(TunnelPlan, SeesWhatIsShown) {
  EXPECT_EQ(shown_address(balancer(R"({"ingress": [{"ip": "10.1.2.3", "ipMode": "Proxy"}]})")), "10.1.2.3");
  EXPECT_EQ(shown_address(balancer("{}")), "");
}

TEST(TunnelPlan, LeavesServicesOfOthersAlone) {
  EXPECT_TRUE(is_for_tunnel(balancer("{}"), false));
  EXPECT_TRUE(is_for_tunnel(balancer(ours), true));
  EXPECT_FALSE(is_for_tunnel(balancer(ours), false)) << "somebody else wrote it";
  EXPECT_FALSE(is_for_tunnel(balancer(R"({"ingress": [{"ip": "10.1.2.3"}]})"), true));
  EXPECT_FALSE(is_for_tunnel(balancer("{}", R"("loadBalancerClass": "other.test/lb", )"), false));
  EXPECT_FALSE(is_for_tunnel(*parse_json(R"({"spec": {"type": "NodePort"}})"), false));
}

TEST(TunnelPlan, TakesPortsAndTheWantedAddress) {
  const auto local = to_local_service(balancer("{}", R"("loadBalancerIP": "127.0.0.9", )"));
  EXPECT_EQ(local.name, "shop/web");
  ASSERT_EQ(local.ports.size(), 1U);
  EXPECT_EQ(local.ports[0], (net::LocalPort{net::Protocol::tcp, 9000}));
  EXPECT_EQ(local.wanted, *parse_ipv4("127.0.0.9"));
  EXPECT_FALSE(to_local_service(balancer("{}")).wanted);
}

TEST(TunnelPlan, WritesAndRemovesAStatus) {
  EXPECT_EQ(to_text(status_patch(*parse_ipv4("127.0.0.1"))),
            R"({"status":{"loadBalancer":{"ingress":[{"ip":"127.0.0.1","ipMode":"Proxy"}]}}})");
  EXPECT_EQ(to_text(status_patch(std::nullopt)), R"({"status":{"loadBalancer":{"ingress":null}}})");
}

TEST(TunnelPlan, TellsTheOwnerOfAProblem) {
  const Json event = problem_event(balancer("{}"), "9000/tcp is taken", 0);
  EXPECT_EQ(text_at(event, "metadata.namespace"), "shop");
  EXPECT_EQ(text_at(event, "involvedObject.name"), "web");
  EXPECT_EQ(text_at(event, "message"), "9000/tcp is taken");
  EXPECT_EQ(text_at(event, "lastTimestamp"), "1970-01-01T00:00:00Z");
}

Json ingress(std::string_view before_rules, std::string_view rules) {
  return *parse_json(R"({"spec": {)" + std::string(before_rules) + R"("rules": )" + std::string(rules) + "}}");
}

TEST(TunnelPlan, CollectsIngressHosts) {
  const Json old_style = *parse_json(
      R"({"metadata": {"annotations": {"kubernetes.io/ingress.class": "other"}}, "spec": {"rules": [{"host": "d.test"}]}})");
  const ClusterView::Objects ingresses = {
      {{"default", "a"}, ingress(R"("ingressClassName": "nginx", )", R"([{"host": "b.test"}, {"host": "a.test"}])")},
      {{"default", "b"}, ingress("", R"([{"host": "a.test"}, {"host": "*.test"}, {"http": {}}])")},
      {{"default", "c"}, ingress(R"("ingressClassName": "other", )", R"([{"host": "c.test"}])")},
      {{"default", "d"}, old_style}};
  const net::Address address{*parse_ipv4("127.0.0.1"), false};
  const std::vector<net::HostsEntry> hosts = {{"a.test", address}, {"b.test", address}};
  const auto found = hosts_of(ingresses, "nginx", address, {});
  EXPECT_EQ(found.mapped, hosts);
  EXPECT_TRUE(found.left_out.empty());
  EXPECT_EQ(left_out_text(found.left_out), "");
}

TEST(TunnelPlan, LeavesHostsOutThatMayBeSomebodys) {
  const ClusterView::Objects ingresses = {
      {{"default", "a"}, ingress("", R"([{"host": "github.com"}, {"host": "a.test"}, {"host": "git.corp.com"}])")}};
  const net::Address address{*parse_ipv4("127.0.0.1"), false};
  const auto without = hosts_of(ingresses, "nginx", address, {});
  EXPECT_EQ(without.mapped, (std::vector<net::HostsEntry>{{"a.test", address}}));
  EXPECT_EQ(without.left_out, (std::vector<std::string>{"git.corp.com", "github.com"}));
  EXPECT_NE(left_out_text(without.left_out).find("--allow-host git.corp.com"), std::string::npos);

  const std::vector<std::string> allowed = {"*.corp.com"};
  const auto with = hosts_of(ingresses, "nginx", address, allowed);
  EXPECT_EQ(with.mapped, (std::vector<net::HostsEntry>{{"a.test", address}, {"git.corp.com", address}}));
  EXPECT_EQ(with.left_out, std::vector<std::string>{"github.com"});
}

TEST(TunnelPlan, ObjectsOfAnotherShapeAreNoTrouble) {
  const ClusterView::Objects ingresses = {
      {{"default", "a"}, *parse_json(R"({"metadata": {"annotations": null}, "spec": {"rules": [7, {"host": 7}]}})")},
      {{"default", "b"}, *parse_json(R"([1])")}};
  EXPECT_TRUE(hosts_of(ingresses, "nginx", {*parse_ipv4("127.0.0.1"), false}, {}).mapped.empty());
}

TEST(TunnelState, ComesBackFromItsFile) {
  TunnelState state;
  state.addresses = {{"shop/web", *parse_ipv4("127.0.0.2")}};
  state.written = {"shop/web"};
  state.before = {{"ingress-nginx/ingress-nginx-controller", "10.1.2.3"}};
  state.hosts_file = "/etc/hosts";
  state.hosts_block = "lab@1000-0a1b2c3d";
  state.process = "12 34\n";
  state.entries = {{"shop/web", "127.0.0.2", {"9000/tcp"}, ""}, {"shop/api", "", {}, "taken"}};
  const auto back = read_tunnel_state(*parse_json(to_pretty_text(to_json(state))));
  EXPECT_EQ(back.addresses, state.addresses);
  EXPECT_EQ(back.written, state.written);
  EXPECT_EQ(back.before, state.before);
  EXPECT_EQ(back.hosts_file, state.hosts_file);
  EXPECT_EQ(back.hosts_block, state.hosts_block);
  EXPECT_EQ(back.process, state.process);
  EXPECT_EQ(back.entries, state.entries);
  EXPECT_TRUE(read_tunnel_state(*parse_json("[1]")).written.empty()) << "damaged";
}

}  // namespace
}  // namespace skiff::cluster
