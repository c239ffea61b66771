// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/service.h"

#include <gtest/gtest.h>

#include "cluster/reach/service_forwards.h"
#include "cluster/reach/service_routes.h"

namespace skiff::cluster {
namespace {

Json service(std::string_view spec) {
  return *parse_json(R"({"metadata": {"namespace": "shop", "name": "web"}, "spec": )" + std::string(spec) + "}");
}

const char* const node_port =
    R"({"type": "NodePort", "clusterIP": "10.96.3.4", "ports": [
        {"name": "http", "port": 80, "nodePort": 30100, "protocol": "TCP"},
        {"name": "dns", "port": 53, "nodePort": 30053, "protocol": "UDP"},
        {"name": "odd", "port": 99, "protocol": "SCTP"}]})";

TEST(Service, IsReadWithThePortsThatCanBeForwarded) {
  const Service read = read_service(service(node_port));
  EXPECT_EQ(to_string(read.key), "shop/web");
  EXPECT_EQ(read.type, "NodePort");
  ASSERT_TRUE(read.address);
  EXPECT_EQ(to_string(*read.address), "10.96.3.4");
  const std::vector<ServicePort> ports = {{"http", net::Protocol::tcp, 80, 30100},
                                          {"dns", net::Protocol::udp, 53, 30053}};
  EXPECT_EQ(read.ports, ports);
  EXPECT_TRUE(check_forwardable(read).ok());
}

TEST(Service, SaysWhyItCannotBeForwarded) {
  const auto why = [](std::string_view spec) {
    const auto checked = check_forwardable(read_service(service(spec)));
    EXPECT_FALSE(checked.ok());
    return checked.ok() ? std::string() : checked.error().what;
  };
  EXPECT_NE(why(R"({"type": "ExternalName", "externalName": "a.test", "ports": [{"port": 80}]})").find("ExternalName"),
            std::string::npos);
  EXPECT_NE(why(R"({"clusterIP": "10.96.3.4"})").find("no ports"), std::string::npos);
  EXPECT_NE(why(R"({"clusterIP": "None", "ports": [{"port": 80}]})").find("headless"), std::string::npos);
}

TEST(Service, ForwardsEachPort) {
  const auto forwards = forwards_of(read_service(service(node_port)), 0);
  ASSERT_TRUE(forwards.ok());
  ASSERT_EQ(forwards->size(), 2U);
  EXPECT_EQ((*forwards)[0], (PortForward{{"shop", "web"}, "http", net::Protocol::tcp, 80, 0}));
  EXPECT_EQ(forwards_of(read_service(service(node_port)), 8080).error().id, ErrorId::usage) << "one port for two";
  const auto same = forwards_of(read_service(service(node_port)), 80).value();
  ASSERT_EQ(same.size(), 1U) << "the one that has this number";
  EXPECT_EQ(same[0], (PortForward{{"shop", "web"}, "http", net::Protocol::tcp, 80, 80}));
  EXPECT_EQ(read_forwards(to_json(*forwards)), *forwards);
}

TEST(Service, ForwardsAreTakenOutByNameByNamespaceOrAll) {
  const PortForward web{{"shop", "web"}, "", net::Protocol::tcp, 80, 8080};
  const PortForward db{{"shop", "db"}, "", net::Protocol::tcp, 5432, 5432};
  const PortForward other{{"default", "web"}, "", net::Protocol::tcp, 80, 8081};
  using Forwards = std::vector<PortForward>;
  const auto taken = [&](const std::vector<ServiceKey>& of) {
    Forwards forwards = {web, db, other};
    auto out = take_out(forwards, of);
    EXPECT_EQ(forwards.size() + out.size(), 3U);
    return out;
  };
  EXPECT_EQ(taken({{"shop", "web"}}), Forwards{web});
  EXPECT_EQ(taken({{"shop", ""}}), (Forwards{web, db}));
  EXPECT_EQ(taken({{"nowhere", ""}}), Forwards{});
  EXPECT_EQ(taken({}), (Forwards{web, db, other}));
}

TEST(Service, ForwardsKeepTheAddressThatWasAskedFor) {
  const auto inner = read_service(service(R"({"clusterIP": "10.96.3.4", "ports": [{"port": 53, "protocol": "UDP"}]})"));
  const auto forwards = forwards_of(inner, 5353, *parse_ipv4("192.168.7.1"));
  ASSERT_TRUE(forwards.ok());
  EXPECT_EQ(read_forwards(to_json(*forwards)), *forwards);
  EXPECT_EQ(*url_of(forwards->front()), "udp://192.168.7.1:5353");
  PortForward everywhere{{"shop", "web"}, "http", net::Protocol::tcp, 80, 8080, Ipv4{}};
  EXPECT_EQ(*url_of(everywhere), "http://127.0.0.1:8080");
  EXPECT_EQ(*url_of(everywhere, "{{.Name}}={{.Port}}"), "http=8080");
}

TEST(Service, SlicesNameTheNodesWhoseEndpointsTakeConnections) {
  const auto slice = read_slice(*parse_json(R"({
      "metadata": {"namespace": "shop", "name": "web-x", "labels": {"kubernetes.io/service-name": "web"}},
      "endpoints": [{"nodeName": "lab-w1", "conditions": {"ready": true}},
                    {"nodeName": "lab-w2", "conditions": {"ready": false, "serving": false}},
                    {"nodeName": "lab-w3", "conditions": {"ready": false, "serving": true, "terminating": true}},
                    {"conditions": {}}]})"));
  EXPECT_EQ(to_string(slice.service), "shop/web");
  EXPECT_EQ(slice.nodes, (std::vector<std::string>{"lab-w1", "lab-w3", ""}));
}

std::vector<drivers::ObservedNode> two_nodes() {
  return {{{{"lab", ""}, "lab-cp1"}, Role::control_plane, drivers::NodeState::running, *parse_ipv4("172.18.0.2"), ""},
          {{{"lab", ""}, "lab-w1"}, Role::worker, drivers::NodeState::running, *parse_ipv4("172.18.0.3"), ""}};
}

const Endpoints on_w1{{"lab-w1"}, true, false};

std::vector<std::string> names_of(const Service& read, std::size_t port, bool reachable) {
  std::vector<std::string> names;
  for (const auto& target : targets_of(read, read.ports[port], on_w1, two_nodes(), reachable, nullptr)) {
    names.push_back(net::name_of(target));
  }
  return names;
}
using Names = std::vector<std::string>;

TEST(ServiceTargets, AreTheNodePortsWhereTheHostReachesThem) {
  const Service read = read_service(service(node_port));
  EXPECT_EQ(names_of(read, 0, true), (Names{"172.18.0.2:30100", "172.18.0.3:30100"}));
  EXPECT_TRUE(targets_of(read, read.ports[0], on_w1, {}, true, nullptr).empty());
}

TEST(ServiceTargets, OfIpv6AloneAreBehindNodes) {
  const Service six = read_service(service(
      R"({"type": "NodePort", "clusterIP": "fd73::5", "clusterIPs": ["fd73::5"], "ports": [{"port": 80, "nodePort": 30100}]})"));
  EXPECT_TRUE(check_forwardable(six).ok());
  EXPECT_EQ(names_of(six, 0, true), (Names{"[fd73::5]:80 through lab-cp1", "[fd73::5]:80 through lab-w1"}));
  const Service both = read_service(service(
      R"({"type": "NodePort", "clusterIP": "fd73::5", "clusterIPs": ["fd73::5", "10.96.3.4"], "ports": [{"port": 80, "nodePort": 30100}]})"));
  EXPECT_EQ(names_of(both, 0, true), (Names{"172.18.0.2:30100", "172.18.0.3:30100"})) << "by IPv4 where it has that";
}

TEST(ServiceTargets, AreBehindNodesOtherwise) {
  const Service read = read_service(service(node_port));
  EXPECT_EQ(names_of(read, 0, false), (Names{"10.96.3.4:80 through lab-cp1", "10.96.3.4:80 through lab-w1"}));
  EXPECT_EQ(names_of(read, 1, false), (Names{"10.96.3.4:53 through lab-cp1", "10.96.3.4:53 through lab-w1"}));
}

TEST(ServiceTargets, KeepToNodesWithAnEndpointUnderThePolicyLocal) {
  Service read = read_service(service(node_port));
  read.external_local = true;
  EXPECT_EQ(names_of(read, 0, true), (Names{"172.18.0.3:30100"}));
  EXPECT_EQ(names_of(read, 0, false).size(), 2U) << "a policy for connections from outside";
  read.external_local = false;
  read.internal_local = true;
  EXPECT_EQ(names_of(read, 0, false), (Names{"10.96.3.4:80 through lab-w1"}));
  EXPECT_EQ(names_of(read, 0, true).size(), 2U);
}

TEST(ServiceUrl, FillsTheTemplate) {
  EXPECT_EQ(local_url(default_url_format, net::localhost, 8080, "").value(), "http://127.0.0.1:8080");
  EXPECT_EQ(local_url("{{.Name}}={{.IP}}:{{.Port}}", net::localhost, 53, "dns").value(), "dns=127.0.0.1:53");
  EXPECT_EQ(local_url("http://{{.Host}}", net::localhost, 80, "").error().id, ErrorId::usage);
  EXPECT_EQ(local_url("{{.Port", net::localhost, 80, "").error().id, ErrorId::usage);
  EXPECT_EQ(local_url("", net::localhost, 80, "").error().id, ErrorId::usage);
}

TEST(ServiceEndpoints, AreReadyWhenOneIs) {
  const auto slices = [](std::string_view endpoints) {
    return kube::Client::Objects{{"shop/web-1", *parse_json(R"({"endpoints": )" + std::string(endpoints) + "}")}};
  };
  EXPECT_FALSE(has_ready_endpoint({}));
  EXPECT_FALSE(has_ready_endpoint(slices("null")));
  EXPECT_FALSE(has_ready_endpoint(slices(R"([{"conditions": {"ready": false}}])")));
  EXPECT_TRUE(has_ready_endpoint(slices(R"([{"conditions": {"ready": false}}, {"conditions": {"ready": true}}])")));
  EXPECT_TRUE(has_ready_endpoint(slices(R"([{"conditions": {}}])"))) << "absent means ready";
}

TEST(Service, UrlsOfHttpsPortsSaySo) {
  const auto urls = [](std::string_view ports) {
    std::string text;
    const auto forwards =
        forwards_of(read_service(service(R"({"clusterIP": "10.96.3.4", "ports": )" + std::string(ports) + "}")), 0);
    for (auto forward : forwards.value()) {
      forward.local_port = forward.port;
      text += url_of(read_forwards(to_json({forward})).front()).value() + " ";
    }
    return text;
  };
  EXPECT_EQ(urls(R"([{"name": "http", "port": 80}, {"name": "https", "port": 443}])"),
            "http://127.0.0.1:80 https://127.0.0.1:443 ");
  EXPECT_EQ(
      urls(R"([{"port": 443}, {"name": "https-web", "port": 8443}, {"name": "a", "port": 9, "appProtocol": "HTTPS"}])"),
      "https://127.0.0.1:443 https://127.0.0.1:8443 https://127.0.0.1:9 ");
  EXPECT_EQ(urls(R"([{"name": "http", "port": 443}, {"name": "https", "port": 81, "appProtocol": "http"}])"),
            "http://127.0.0.1:443 http://127.0.0.1:81 ");
  EXPECT_EQ(urls(R"([{"name": "https", "port": 443, "protocol": "UDP"}])"), "udp://127.0.0.1:443 ");
}

TEST(ClusterView, WhatANewListingDoesNotNameHasGone) {
  const ClusterView::Objects known = {{{"default", "a"}, Json()}, {{"default", "b"}, Json()}, {{"shop", "a"}, Json()}};
  EXPECT_EQ(keys_not_in({{"default", "b"}, {"new", "c"}}, known),
            (std::vector<ServiceKey>{{"default", "a"}, {"shop", "a"}}));
  EXPECT_TRUE(keys_not_in({{"default", "a"}, {"default", "b"}, {"shop", "a"}}, known).empty());
}

}  // namespace
}  // namespace skiff::cluster
