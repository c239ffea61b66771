// SPDX-License-Identifier: Apache-2.0
#include "kube/kept_objects.h"

#include <gtest/gtest.h>

#include "fake_api.h"

namespace skiff::kube {
namespace {

using test::Answer;
using test::FakeApi;
using test::Request;

Json dns(const std::string& corefile, int replicas) {
  return parse_json(R"({"apiVersion": "apps/v1", "kind": "Deployment",
                        "metadata": {"name": "dns", "namespace": "kube-system"},
                        "spec": {"replicas": )" +
                    std::to_string(replicas) + R"(, "template": {"spec": {"containers": [
                        {"name": "other", "image": "o"}, {"name": "dns", "image": ")" +
                    corefile + R"("}]}}}})")
      .value();
}

class KeepTest : public testing::Test {
 protected:
  Context ctx{{}, Deadline::in(std::chrono::seconds(20)), &events_};
  NoEvents events_;
};

Json conflict(const std::vector<std::string>& fields) {
  JsonArray causes;
  for (const auto& field : fields) {
    causes.push_back(JsonObject{
        {"reason", "FieldManagerConflict"}, {"message", "conflict with \"kubectl-edit\""}, {"field", field}});
  }
  return JsonObject{{"kind", "Status"}, {"message", "Apply failed"}, {"details", JsonObject{{"causes", causes}}}};
}

TEST(EraseField, OfTheApisPaths) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {".spec.replicas", "spec.replicas"},
      {".spec.template.spec.containers[name=\"dns\"].image", "spec.template.spec.containers.1.image"},
  };
  for (const auto& [path, at] : cases) {
    Json object = dns("d", 1);
    ASSERT_NE(find(object, at), nullptr);
    EXPECT_TRUE(erase_field(object, path)) << path;
    EXPECT_EQ(find(object, at), nullptr) << path;
    EXPECT_FALSE(erase_field(object, path)) << path;
  }
  Json service = parse_json(R"({"spec": {"ports": [{"port": 53, "protocol": "TCP", "name": "a"},
                                                   {"port": 53, "protocol": "UDP", "name": "b.[c]"}],
                                         "set": ["x", "y"], "a": [1]}})")
                     .value();
  EXPECT_TRUE(erase_field(service, ".spec.ports[port=53,protocol=\"UDP\"].name"));
  EXPECT_EQ(text_at(service, "spec.ports.0.name"), "a");
  EXPECT_EQ(find(service, "spec.ports.1.name"), nullptr);
  EXPECT_TRUE(erase_field(service, ".spec.set[=\"x\"]"));
  EXPECT_EQ(text_at(service, "spec.set.0"), "y");
  Json labelled = parse_json(R"({"labels": {"a": 1, "a.b": 2, "a.b/c": 3, "d": {"e": 4}}})").value();
  EXPECT_TRUE(erase_field(labelled, ".labels.a.b/c"));
  EXPECT_TRUE(erase_field(labelled, ".labels.a.b"));
  EXPECT_TRUE(erase_field(labelled, ".labels.d.e"));
  EXPECT_EQ(labelled, parse_json(R"({"labels": {"a": 1, "d": {}}})").value());
  for (const auto* wrong : {"", "spec", ".spec.", "..", ".spec.ports[port=53", ".spec.ports[port=54].name",
                            ".spec.ports[]", ".spec.a[0]x", ".spec.ports[port=\"].name", ".spec.a.b"}) {
    const Json before = service;
    EXPECT_FALSE(erase_field(service, wrong)) << wrong;
    EXPECT_EQ(service, before) << wrong;
  }
}

TEST_F(KeepTest, WhatIsFromThisDefaultIsLeftAsItIs) {
  FakeApi api([](const Request&, Answer& answer) { answer.json(with_applied_hash(dns("1.0", 1))); });
  Client client(api.access());
  ASSERT_TRUE(apply_kept(ctx, client, dns("1.0", 1)).ok());
  ASSERT_EQ(api.requests().size(), 1U);
  EXPECT_EQ(api.requests()[0].method, "GET");
}

TEST_F(KeepTest, ANewDefaultIsWrittenAroundWhatOthersHaveChanged) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (request.method == "GET") return answer.json(with_applied_hash(dns("1.0", 1)));
    const bool replicas = find(parse_json(request.body).value(), "spec.replicas") != nullptr;
    if (replicas) return answer.json(conflict({".spec.replicas"}), 409);
    answer.json(JsonObject());
  });
  Client client(api.access());
  ASSERT_TRUE(apply_kept(ctx, client, dns("2.0", 1)).ok());
  const auto requests = api.requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[2].path, "/apis/apps/v1/namespaces/kube-system/deployments/dns?fieldManager=skiff");
  const Json last = parse_json(requests[2].body).value();
  EXPECT_EQ(text_at(last, "spec.template.spec.containers.1.image"), "2.0");
  EXPECT_EQ(find(last, "spec.replicas"), nullptr);
  const Json wanted = with_applied_hash(dns("2.0", 1));
  EXPECT_EQ(*find(last, "metadata.annotations"), *find(wanted, "metadata.annotations"));
}

TEST_F(KeepTest, WhatIsAbsentIsMade) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (request.method == "GET") return answer.json(JsonObject{{"kind", "Status"}, {"message", "none"}}, 404);
    answer.json(JsonObject());
  });
  Client client(api.access());
  ASSERT_TRUE(apply_kept(ctx, client, dns("1.0", 1)).ok());
  EXPECT_EQ(api.requests().size(), 2U);
  ASSERT_TRUE(apply_kept(ctx, client, dns("1.0", 1), true).ok());
  EXPECT_EQ(api.requests().size(), 3U);  // where nothing can be, nothing is asked
}

TEST_F(KeepTest, TheNoteIsOursThoughSomebodyHasAppliedItToo) {
  const std::string note = ".metadata.annotations." + std::string(applied_annotation);
  FakeApi api([&](const Request& request, Answer& answer) {
    if (request.method == "GET") return answer.json(with_applied_hash(dns("1.0", 1)));
    const bool whole = find(parse_json(request.body).value(), "spec") != nullptr;
    const bool noted =
        find(parse_json(request.body).value(), "metadata.annotations")->if_object()->contains(applied_annotation);
    if (whole && noted) return answer.json(conflict({note}), 409);
    answer.json(JsonObject());
  });
  Client client(api.access());
  ASSERT_TRUE(apply_kept(ctx, client, dns("2.0", 1)).ok());
  const auto requests = api.requests();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[2].headers.at("content-type"), "application/merge-patch+json");
  EXPECT_EQ(*find(parse_json(requests[2].body).value(), "metadata.annotations"),
            *find(with_applied_hash(dns("2.0", 1)), "metadata.annotations"));
}

TEST_F(KeepTest, AConflictThatCannotBeLeftOutLeavesTheObjectAlone) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (request.method == "GET") return answer.json(dns("1.0", 1));
    answer.json(conflict({".spec.something[else]"}), 409);
  });
  Client client(api.access());
  EXPECT_TRUE(apply_kept(ctx, client, dns("1.0", 1)).ok());
  EXPECT_EQ(api.requests().size(), 2U);
}

TEST_F(KeepTest, ARefusalIsAnError) {
  FakeApi api([](const Request&, Answer& answer) {
    answer.json(JsonObject{{"kind", "Status"}, {"message", "the object has been modified"}}, 409);
  });
  Client client(api.access());
  const auto applied = apply_kept(ctx, client, dns("1.0", 1), true);
  ASSERT_FALSE(applied.ok());
  EXPECT_EQ(applied.error().id, ErrorId::kube_conflict);
}

}  // namespace
}  // namespace skiff::kube
