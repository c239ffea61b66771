// SPDX-License-Identifier: Apache-2.0
#include "kube/client.h"

#include <gtest/gtest.h>

#include "fake_api.h"

namespace skiff::kube {
namespace {

using test::Answer;
using test::FakeApi;
using test::Request;

class ClientTest : public testing::Test {
 protected:
  Context ctx(Duration limit = std::chrono::seconds(20)) { return {{}, Deadline::in(limit), &events_}; }
  NoEvents events_;
};

Json status(int code, const std::string& message) {
  return JsonObject{{"kind", "Status"}, {"apiVersion", "v1"}, {"message", message}, {"code", code}};
}

Json config_map(const std::string& name) {
  return JsonObject{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", JsonObject{{"name", name}}}};
}

TEST(Resources, Paths) {
  EXPECT_EQ(path_of({"v1", "nodes", false}, "ignored", "a"), "/api/v1/nodes/a");
  EXPECT_EQ(path_of({"apps/v1", "deployments"}, "default"), "/apis/apps/v1/namespaces/default/deployments");
  EXPECT_EQ(path_of({"v1", "pods"}, ""), "/api/v1/pods");
  EXPECT_EQ(path_of({"v1", "pods"}, "a b", "c/d"), "/api/v1/namespaces/a%20b/pods/c%2Fd");
}

TEST(Resources, KnownKinds) {
  const auto path = [](std::string_view api, std::string_view kind) {
    const auto resource = known_resource(api, kind);
    return resource ? path_of(*resource, "ns") : "unknown";
  };
  EXPECT_EQ(path("networking.k8s.io/v1", "IngressClass"), "/apis/networking.k8s.io/v1/ingressclasses");
  EXPECT_EQ(path("networking.k8s.io/v1", "Ingress"), "/apis/networking.k8s.io/v1/namespaces/ns/ingresses");
  EXPECT_EQ(path("v1", "Endpoints"), "/api/v1/namespaces/ns/endpoints");
  EXPECT_EQ(path("v1", "Deployment"), "unknown");
  EXPECT_EQ(path("example.com/v1", "Widget"), "unknown");
}

TEST_F(ClientTest, ApplyIsAForcedServerSideApply) {
  FakeApi api([](const Request&, Answer& answer) { answer.json({{"applied", true}}); });
  Client client(api.access());
  const auto applied = client.apply(ctx(), config_map("settings"));
  ASSERT_TRUE(applied.ok()) << applied.error().what;
  EXPECT_TRUE(bool_at(*applied, "applied"));
  ASSERT_TRUE(client.apply(ctx(), config_map("settings"), "status").ok());

  const auto requests = api.requests();
  EXPECT_EQ(requests[0].method, "PATCH");
  EXPECT_EQ(requests[0].path, "/api/v1/namespaces/default/configmaps/settings?fieldManager=skiff&force=true");
  EXPECT_EQ(requests[0].headers.at("content-type"), "application/apply-patch+yaml");
  EXPECT_EQ(parse_json(requests[0].body).value(), config_map("settings"));
  EXPECT_EQ(requests[1].path, "/api/v1/namespaces/default/configmaps/settings/status?fieldManager=skiff&force=true");
}

TEST_F(ClientTest, UnknownKindsAreAskedOfTheApiOnce) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (request.path == "/apis/example.com/v1") {
      answer.json(*parse_json(R"({"resources": [
        {"name": "widgets/status", "kind": "Widget", "namespaced": true},
        {"name": "widgets", "kind": "Widget", "namespaced": false}]})"));
    } else if (request.method == "GET") {
      answer.json(status(404, "no such group"), 404);
    } else {
      answer.json(JsonObject{});
    }
  });
  Client client(api.access());
  const Json widget = *parse_json(R"({"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}})");
  ASSERT_TRUE(client.apply(ctx(), widget).ok());
  ASSERT_TRUE(client.apply(ctx(), widget).ok());
  ASSERT_EQ(api.requests().size(), 3U);
  EXPECT_EQ(api.requests()[1].path, "/apis/example.com/v1/widgets/w?fieldManager=skiff&force=true");

  for (const char* unknown : {R"({"apiVersion": "example.com/v1", "kind": "Gadget", "metadata": {"name": "g"}})",
                              R"({"apiVersion": "other.com/v1", "kind": "Widget", "metadata": {"name": "g"}})"}) {
    const auto refused = client.apply(ctx(), *parse_json(unknown));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().id, ErrorId::kube_not_found);
    EXPECT_TRUE(refused.error().what.starts_with("The cluster knows no kind")) << refused.error().what;
  }
}

TEST_F(ClientTest, ListsFollowPagesAndFillInTheKind) {
  FakeApi api([](const Request& request, Answer& answer) {
    const bool second = request.path.find("continue=next%2Fpage") != std::string::npos;
    answer.json(*parse_json(second ? R"({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"},
                                      "items": [{"metadata": {"name": "b"}}]})"
                                   : R"({"kind": "PodList", "apiVersion": "v1",
                                      "metadata": {"resourceVersion": "7", "continue": "next/page"},
                                      "items": [{"metadata": {"name": "a"}}]})"));
  });
  Client client(api.access());
  const auto pods = client.list(ctx(), {"v1", "pods"}, "default", "app=web,tier!=db");
  ASSERT_TRUE(pods.ok()) << pods.error().what;
  ASSERT_EQ(pods->size(), 2U);
  EXPECT_EQ(text_at(pods->at(1), "metadata.name"), "b");
  EXPECT_EQ(text_at(pods->at(0), "kind"), "Pod");
  EXPECT_EQ(text_at(pods->at(0), "apiVersion"), "v1");
  EXPECT_EQ(api.requests()[0].path, "/api/v1/namespaces/default/pods?limit=500&labelSelector=app%3Dweb%2Ctier%21%3Ddb");
}

TEST_F(ClientTest, AListWhosePagesExpiredIsTakenAtOnce) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (request.path.find("continue=") != std::string::npos) {
      answer.json(status(410, "too old"), 410);
    } else if (request.path.find("limit=500") != std::string::npos) {
      answer.json(*parse_json(R"({"kind": "PodList", "metadata": {"continue": "x"}, "items": [{}]})"));
    } else {
      answer.json(*parse_json(R"({"kind": "PodList", "metadata": {}, "items": [{}, {}, {}]})"));
    }
  });
  Client client(api.access());
  EXPECT_EQ(client.list(ctx(), {"v1", "pods"}, "").value().size(), 3U);
}

TEST_F(ClientTest, VerbsAndTheirBodies) {
  FakeApi api([](const Request&, Answer& answer) { answer.json(JsonObject{}); });
  Client client(api.access());
  ASSERT_TRUE(client.create(ctx(), "/api/v1/namespaces", JsonObject{{"a", 1}}).ok());
  ASSERT_TRUE(client.replace(ctx(), "/x", JsonObject{{"a", 2}}).ok());
  ASSERT_TRUE(client.merge_patch(ctx(), "/x", JsonObject{{"a", nullptr}}).ok());
  ASSERT_TRUE(client.remove(ctx(), "/x").ok());
  const auto requests = api.requests();
  EXPECT_EQ(requests[0].method + requests[1].method + requests[2].method + requests[3].method, "POSTPUTPATCHDELETE");
  EXPECT_EQ(requests[2].headers.at("content-type"), "application/merge-patch+json");
  EXPECT_EQ(requests[2].body, R"({"a":null})");
  EXPECT_EQ(requests[3].body, R"({"propagationPolicy":"Foreground"})");
}

TEST_F(ClientTest, RefusalsCarryTheApisWords) {
  FakeApi api([](const Request& request, Answer& answer) {
    const int code = std::stoi(request.path.substr(1));
    if (code == 500) return answer.text("plain words\n", 500);
    Json body = status(code, "words of " + std::to_string(code));
    if (code == 422) {
      body.as_object()["details"] = JsonObject{
          {"causes", JsonArray{JsonObject{{"field", "spec.replicas"}, {"message", "must not be negative"}}}}};
    }
    answer.json(body, code);
  });
  Client client(api.access());
  const auto refused = [&](int code) { return client.get(ctx(), "/" + std::to_string(code)).error(); };
  EXPECT_EQ(refused(404).id, ErrorId::kube_not_found);
  EXPECT_EQ(refused(409).id, ErrorId::kube_conflict);
  EXPECT_EQ(refused(403).id, ErrorId::kube_error);
  EXPECT_EQ(refused(403).what, "words of 403");
  EXPECT_EQ(refused(500).what, "plain words");
  EXPECT_EQ(refused(422).trail, std::vector<std::string>{"spec.replicas: must not be negative"});
  EXPECT_TRUE(client.remove(ctx(), "/404").ok());
  EXPECT_FALSE(client.remove(ctx(), "/403").ok());
  EXPECT_EQ(client.raw_get(ctx(), "/500").value().status, 500);
}

TEST_F(ClientTest, APutOffRequestIsSentAgain) {
  std::atomic<int> tries = 0;
  FakeApi api([&](const Request&, Answer& answer) {
    if (++tries < 3) return answer.json(status(429, "later"), 429, "Retry-After: 0\r\n");
    answer.json(JsonObject{});
  });
  Client client(api.access());
  EXPECT_TRUE(client.get(ctx(), "/x").ok());
  EXPECT_EQ(tries, 3);
}

TEST_F(ClientTest, WhatAnOverloadedServerGaveUpIsSentAgainUnlessItCreates) {
  std::atomic<int> tries = 0;
  FakeApi api([&](const Request&, Answer& answer) {
    if (++tries % 2 == 1) return answer.json(status(504, "not in time"), 504);
    answer.json(JsonObject{});
  });
  Client client(api.access());
  EXPECT_TRUE(client.apply(ctx(), config_map("settings")).ok());
  EXPECT_EQ(tries, 2);
  EXPECT_FALSE(client.create(ctx(), "/x", JsonObject{}).ok());
  EXPECT_EQ(tries, 3);
}

TEST_F(ClientTest, NoServerIsUnreachable) {
  Access gone = std::make_unique<FakeApi>([](const Request&, Answer&) {})->access();
  Client client(gone);
  const auto refused = client.get(ctx(), "/x");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::kube_unreachable);
  EXPECT_NE(refused.error().what.find(gone.server), std::string::npos);
}

TEST_F(ClientTest, AServerOfAnotherClusterIsNotBelieved) {
  FakeApi api([](const Request&, Answer& answer) { answer.json(JsonObject{}); });
  Access other = api.access();
  other.ca_pem = make_authorities().value().cluster.cert_pem;
  EXPECT_EQ(Client(other).get(ctx(), "/x").error().id, ErrorId::kube_unreachable);
}

TEST_F(ClientTest, ASilentServerTimesOut) {
  FakeApi api([](const Request&, Answer& answer) { answer.wait_for_client_to_leave(); });
  Client client(api.access());
  EXPECT_EQ(client.get(ctx(std::chrono::milliseconds(100)), "/x").error().id, ErrorId::kube_timeout);
}

TEST_F(ClientTest, DeeplyNestedAnswersAreRead) {
  FakeApi api([](const Request&, Answer& answer) { answer.text(std::string(100, '[') + std::string(100, ']'), 200); });
  EXPECT_TRUE(Client(api.access()).get(ctx(), "/x").ok());
}

TEST(Conditions, TrueOnly) {
  const Json object = *parse_json(R"({"status": {"conditions": [
    {"type": "Ready", "status": "True"}, {"type": "Stuck", "status": "False"}]}})");
  EXPECT_TRUE(has_condition(object, "Ready"));
  EXPECT_FALSE(has_condition(object, "Stuck"));
  EXPECT_FALSE(has_condition(JsonObject{}, "Ready"));
}

}  // namespace
}  // namespace skiff::kube
