// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/strings.h"
#include "fake_api.h"
#include "kube/client.h"

namespace skiff::kube {
namespace {

using test::Answer;
using test::FakeApi;
using test::Request;

Json pod(const std::string& name, int version) {
  return JsonObject{
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", JsonObject{{"namespace", "default"}, {"name", name}, {"resourceVersion", std::to_string(version)}}}};
}

Json pod_list(int version, JsonArray items) {
  return JsonObject{{"kind", "PodList"},
                    {"apiVersion", "v1"},
                    {"metadata", JsonObject{{"resourceVersion", std::to_string(version)}}},
                    {"items", std::move(items)}};
}

Json gone() { return JsonObject{{"kind", "Status"}, {"code", 410}, {"message", "too old resource version"}}; }

bool is_watch(const Request& request) { return request.path.find("watch=true") != std::string::npos; }
bool from(const Request& request, int version) {
  return request.path.find("resourceVersion=" + std::to_string(version) + "&") != std::string::npos;
}

class WatchTest : public testing::Test {
 protected:
  Context ctx(Duration limit = std::chrono::seconds(20)) { return {stop_.get_token(), Deadline::in(limit), &events_}; }
  // Watches until the report ends with `last`: "ADDED a,SYNCED,...".
  std::string report_until(const FakeApi& api, const std::string& last) {
    Client client(api.access());
    std::vector<std::string> report;
    const auto watched =
        client.watch(ctx(), {"v1", "pods"}, "default", "", [&](std::string_view type, const Json& object) {
          report.push_back(std::string(type) + (object.is_null() ? "" : " " + text_at(object, "metadata.name")));
          return Result<bool>(report.back() != last);
        });
    EXPECT_TRUE(watched.ok()) << watched.error().what;
    return join(report, ",");
  }

  NoEvents events_;
  std::stop_source stop_;
};

TEST_F(WatchTest, ListsThenFollows) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (!is_watch(request)) return answer.json(pod_list(5, {pod("a", 3), pod("b", 4)}));
    answer.start_stream();
    answer.event("MODIFIED", pod("a", 6));
    answer.event("DELETED", pod("b", 7));
    answer.event("ADDED", pod("c", 8));
    answer.wait_for_client_to_leave();
  });
  EXPECT_EQ(report_until(api, "ADDED c"), "ADDED a,ADDED b,SYNCED,MODIFIED a,DELETED b,ADDED c");
  const auto requests = api.requests();
  EXPECT_EQ(requests.at(1).path,
            "/api/v1/namespaces/default/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=30");
}

TEST_F(WatchTest, EventsMayComeInPieces) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (!is_watch(request)) return answer.json(pod_list(5, {}));
    const std::string line = to_text(JsonObject{{"type", "ADDED"}, {"object", pod("a", 6)}}) + "\n";
    answer.start_stream();
    answer.piece(line.substr(0, 10));
    answer.piece(line.substr(10) + line.substr(0, 20));
    answer.piece(line.substr(20));
    answer.event("ADDED", pod("end", 7));
    answer.wait_for_client_to_leave();
  });
  EXPECT_EQ(report_until(api, "ADDED end"), "SYNCED,ADDED a,ADDED a,ADDED end");
}

TEST_F(WatchTest, AfterABrokenConnectionItGoesOnFromTheLastVersion) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (!is_watch(request)) return answer.json(pod_list(5, {}));
    answer.start_stream();
    if (from(request, 5)) {
      answer.event("ADDED", pod("a", 6));
      return answer.break_off();
    }
    if (from(request, 6)) {
      answer.event("BOOKMARK", pod("", 9));
      return answer.end_stream();
    }
    EXPECT_TRUE(from(request, 9)) << request.path;
    answer.event("ADDED", pod("b", 10));
    answer.wait_for_client_to_leave();
  });
  EXPECT_EQ(report_until(api, "ADDED b"), "SYNCED,ADDED a,ADDED b");
}

class ExpiredWatch : public WatchTest, public testing::WithParamInterface<bool> {};

TEST_P(ExpiredWatch, IsListedAnewAndWhatVanishedIsReported) {
  std::atomic<int> lists = 0;
  FakeApi api([&](const Request& request, Answer& answer) {
    if (!is_watch(request)) {
      return answer.json(++lists == 1 ? pod_list(5, {pod("a", 1), pod("b", 2), pod("c", 3)})
                                      : pod_list(20, {pod("a", 1), pod("b", 12), pod("d", 13)}));
    }
    if (from(request, 20)) return answer.wait_for_client_to_leave();
    if (GetParam()) return answer.json(gone(), 410);
    answer.start_stream();
    answer.event("ERROR", gone());
    answer.end_stream();
  });
  Client client(api.access());
  std::vector<std::string> report;
  int synced = 0;
  const auto watched =
      client.watch(ctx(), {"v1", "pods"}, "default", "", [&](std::string_view type, const Json& object) {
        report.push_back(std::string(type) + (object.is_null() ? "" : " " + text_at(object, "metadata.name")));
        if (type == "SYNCED") ++synced;
        return Result<bool>(synced < 2);
      });
  ASSERT_TRUE(watched.ok()) << watched.error().what;
  EXPECT_EQ(join(report, ","), "ADDED a,ADDED b,ADDED c,SYNCED,MODIFIED b,ADDED d,DELETED c,SYNCED");
}
INSTANTIATE_TEST_SUITE_P(ByStatusAndByEvent, ExpiredWatch, testing::Bool());

TEST_F(WatchTest, ABusyServerIsAskedAgain) {
  std::atomic<int> tries = 0;
  FakeApi api([&](const Request& request, Answer& answer) {
    if (++tries <= 2) return answer.text("starting", tries == 1 ? 503 : 500);
    if (tries == 3) return answer.break_off();
    EXPECT_FALSE(is_watch(request));
    answer.json(pod_list(5, {}));
  });
  EXPECT_EQ(report_until(api, "SYNCED"), "SYNCED");
}

TEST_F(WatchTest, ALastingRefusalIsReturned) {
  FakeApi api([](const Request&, Answer& answer) { answer.text("404 page not found", 404); });
  Client client(api.access());
  const auto watched =
      client.watch(ctx(), {"example.com/v1", "widgets"}, "", "", [](auto, const auto&) { return Result<bool>(true); });
  ASSERT_FALSE(watched.ok());
  EXPECT_EQ(watched.error().id, ErrorId::kube_not_found);
}

TEST_F(WatchTest, AnErrorOfTheObserverIsReturned) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (!is_watch(request)) return answer.json(pod_list(5, {}));
    answer.start_stream();
    answer.event("ADDED", pod("a", 6));
    answer.wait_for_client_to_leave();
  });
  Client client(api.access());
  const auto watched =
      client.watch(ctx(), {"v1", "pods"}, "", "", [](std::string_view type, const Json&) -> Result<bool> {
        if (type == "ADDED") return make_error(ErrorId::addon_failed, "no");
        return true;
      });
  ASSERT_FALSE(watched.ok());
  EXPECT_EQ(watched.error().id, ErrorId::addon_failed);
}

TEST_F(WatchTest, StopsWhenAsked) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (!is_watch(request)) return answer.json(pod_list(5, {}));
    answer.start_stream();
    answer.wait_for_client_to_leave();
  });
  Client client(api.access());
  const auto watched = client.watch(ctx(), {"v1", "pods"}, "", "", [&](std::string_view, const Json&) {
    stop_.request_stop();
    return Result<bool>(true);
  });
  ASSERT_FALSE(watched.ok());
  EXPECT_EQ(watched.error().id, ErrorId::interrupted);
}

TEST_F(WatchTest, WaitSeesWholeSetsOnly) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (!is_watch(request)) return answer.json(pod_list(5, {pod("a", 1), pod("b", 2)}));
    answer.start_stream();
    answer.event("DELETED", pod("a", 6));
    answer.wait_for_client_to_leave();
  });
  Client client(api.access());
  std::vector<std::size_t> sizes;
  const auto waited = client.wait(
      ctx(), {"v1", "pods"}, "default", "",
      [&](const Client::Objects& pods) {
        sizes.push_back(pods.size());
        return pods.size() == 1 && pods.contains("default/b");
      },
      "pod a to go");
  EXPECT_TRUE(waited.ok()) << waited.error().what;
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 1}));
}

TEST_F(WatchTest, WaitSaysWhatItWaitedForAndWhatWasInTheWay) {
  FakeApi api([](const Request&, Answer& answer) { answer.text("etcd is not there", 503); });
  Client client(api.access());
  const auto waited = client.wait(
      ctx(std::chrono::milliseconds(200)), {"v1", "pods"}, "", "", [](const auto&) { return true; }, "all pods");
  ASSERT_FALSE(waited.ok());
  EXPECT_EQ(waited.error().id, ErrorId::kube_timeout);
  EXPECT_EQ(waited.error().what, "Waited too long for all pods");
  EXPECT_EQ(waited.error().trail, std::vector<std::string>{"etcd is not there"});
}

TEST_F(WatchTest, ManyWatchesOnOneClient) {
  FakeApi api([](const Request& request, Answer& answer) {
    if (!is_watch(request)) return answer.json(pod_list(5, {}));
    answer.start_stream();
    answer.event("ADDED", pod("a", 6));
    answer.wait_for_client_to_leave();
  });
  Client client(api.access());
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(6);
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] {
        const auto waited =
            client.wait(ctx(), {"v1", "pods"}, "", "", [](const auto& pods) { return pods.size() == 1; }, "a pod");
        if (waited.ok()) ++done;
      });
    }
  }
  EXPECT_EQ(done, 6);
}

}  // namespace
}  // namespace skiff::kube
