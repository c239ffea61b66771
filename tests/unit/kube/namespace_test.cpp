// SPDX-License-Identifier: Apache-2.0
#include "kube/namespace.h"

#include <gtest/gtest.h>

#include <atomic>

#include "fake_api.h"

namespace skiff::kube {
namespace {

using test::Answer;
using test::FakeApi;
using test::Request;

Json resources(const std::string& lines) { return parse_json("{\"resources\": [" + lines + "]}").value(); }

class NamespaceTest : public testing::Test {
 protected:
  // An API with secrets and widgets; `stays` is a widget that does not go.
  void answer(const Request& request, Answer& answer) {
    const std::string path = request.path.substr(0, request.path.find('?'));
    const std::string all = R"("namespaced": true, "verbs": ["get", "list", "delete"]})";
    if (path == "/apis") {
      return answer.json(parse_json(R"({"groups": [{"preferredVersion": {"groupVersion": "test/v2"}}]})").value());
    }
    if (path == "/api/v1") {
      return answer.json(resources(R"({"name": "secrets", )" + all + R"(, {"name": "pods/log", )" + all +
                                   R"(, {"name": "nodes", "namespaced": false, "verbs": ["list", "delete"]},
                                       {"name": "bindings", "namespaced": true, "verbs": ["create"]})"));
    }
    if (path == "/apis/test/v2")
      return group_answers ? answer.json(resources(R"({"name": "widgets", )" + all)) : answer.text("", 503);
    if (path == "/api/v1/namespaces/demo") {
      return answer.json(parse_json(R"({"kind": "Namespace", "metadata": {"name": "demo", "deletionTimestamp": "now"},
                                        "spec": {"finalizers": ["kubernetes"]}})")
                             .value());
    }
    if (path == "/api/v1/namespaces/demo/finalize") {
      finalized = array_at(parse_json(request.body).value(), "spec.finalizers").empty();
      return answer.json(JsonObject());
    }
    if (path == "/apis/test/v2/namespaces/demo/widgets/w" && request.method == "DELETE") {
      widget = stays.load();
      return answer.json(JsonObject());
    }
    if (path == "/api/v1/namespaces/demo/secrets") ++lists_of_secrets;
    if (path == "/apis/test/v2/namespaces/demo/widgets" && --lists_before_it_goes == 0) widget = false;
    JsonArray items;
    if (path == "/apis/test/v2/namespaces/demo/widgets" && widget)
      items.push_back(JsonObject{{"metadata", JsonObject{{"name", "w"}}}});
    answer.json(JsonObject{{"kind", "List"}, {"items", items}});
  }

  std::atomic<bool> widget = true;
  std::atomic<bool> stays = false;
  std::atomic<int> lists_before_it_goes = -1;  // of widgets; never when negative
  std::atomic<int> lists_of_secrets = 0;
  std::atomic<bool> group_answers = true;
  std::atomic<bool> finalized = false;
  FakeApi api{[this](const Request& request, Answer& made) { answer(request, made); }};
  Client client{api.access()};
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(20)), &events};
  Duration patience = std::chrono::seconds(10);
};

TEST_F(NamespaceTest, IsFinishedOnceAllOfEveryKindIsGone) {
  const auto finished = finish_namespace(ctx, client, "demo", patience);
  ASSERT_TRUE(finished.ok()) << finished.error().what;
  EXPECT_TRUE(*finished);
  EXPECT_FALSE(widget);
  EXPECT_TRUE(finalized);
}

TEST_F(NamespaceTest, WaitsForWhatGoesLater) {
  stays = true;
  lists_before_it_goes = 5;
  EXPECT_TRUE(finish_namespace(ctx, client, "demo", patience).value_or(false));
  EXPECT_FALSE(widget);
  EXPECT_TRUE(finalized);
  EXPECT_LE(lists_of_secrets, 2) << "only what was there is looked at again and again";
}

TEST_F(NamespaceTest, IsLeftToItsControllerWhileSomethingStays) {
  stays = true;
  patience = std::chrono::milliseconds(200);
  EXPECT_FALSE(finish_namespace(ctx, client, "demo", patience).value_or(true));
  EXPECT_FALSE(finalized);
}

TEST_F(NamespaceTest, IsLeftToItsControllerWhenAKindCannotBeAskedFor) {
  group_answers = false;
  EXPECT_FALSE(finish_namespace(ctx, client, "demo", patience).ok());
  EXPECT_FALSE(finalized);
}

}  // namespace
}  // namespace skiff::kube
