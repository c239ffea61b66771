// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addon_health.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

Json yaml(const char* text) { return parse_yaml(text, "test").value().front().value; }

TEST(AddonHealth, ADeploymentIsAvailableWhenAllPodsAreOfItsLatestForm) {
  const auto available = [](const char* generation, const char* counts) {
    const std::string text = std::string("kind: Deployment\nmetadata: {generation: 2}\nspec: {replicas: 2}\n") +
                             "status: {observedGeneration: " + generation + ", " + counts + "}\n";
    return has_reached(yaml(text.c_str()), "Available");
  };
  EXPECT_TRUE(available("2", "replicas: 2, updatedReplicas: 2, availableReplicas: 2"));
  EXPECT_FALSE(available("1", "replicas: 2, updatedReplicas: 2, availableReplicas: 2")) << "not seen yet";
  EXPECT_FALSE(available("2", "replicas: 3, updatedReplicas: 2, availableReplicas: 2")) << "an old pod is there";
  EXPECT_FALSE(available("2", "replicas: 2, updatedReplicas: 1, availableReplicas: 2")) << "an old pod answers";
  EXPECT_FALSE(available("2", "replicas: 2, updatedReplicas: 2"));
}

TEST(AddonHealth, ADaemonSetIsAvailableOnEveryNode) {
  EXPECT_TRUE(has_reached(yaml("kind: DaemonSet\nmetadata: {generation: 1}\nstatus: {observedGeneration: 1, "
                               "desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3}"),
                          "Available"));
  EXPECT_FALSE(has_reached(yaml("kind: DaemonSet\nmetadata: {generation: 1}\nstatus: {observedGeneration: 1, "
                                "desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2}"),
                           "Available"));
}

TEST(AddonHealth, OtherObjectsHaveConditions) {
  const Json job = yaml("kind: Job\nstatus: {conditions: [{type: Complete, status: \"True\"}]}");
  EXPECT_TRUE(has_reached(job, "Complete"));
  EXPECT_FALSE(has_reached(job, "Available"));
}

TEST(AddonHealth, APodWithoutAProbeMayBeCalledReadyTooEarly) {
  const auto tells = [](const char* containers) {
    const std::string text =
        std::string("kind: Deployment\nspec: {template: {spec: {containers: ") + containers + "}}}";
    return tells_readiness(yaml(text.c_str()));
  };
  EXPECT_TRUE(tells("[{readinessProbe: {}}]"));
  EXPECT_FALSE(tells("[{readinessProbe: {}}, {name: x}]"));
  EXPECT_TRUE(tells_readiness(yaml("kind: ConfigMap")));
}

constexpr auto image_missing = R"(
metadata: {name: p, namespace: "n"}
status:
  containerStatuses:
  - {name: c, ready: false, restartCount: 0, state: {waiting: {reason: ImagePullBackOff, message: "Back-off pulling image"}}}
)";
constexpr auto crashing = R"(
metadata: {name: p, namespace: "n"}
status:
  containerStatuses:
  - name: c
    ready: false
    restartCount: 2
    state: {waiting: {reason: CrashLoopBackOff, message: back-off 20s}}
    lastState: {terminated: {reason: Error, exitCode: 7}}
)";

TEST(AddonHealth, PodsSayWhatTheyDiedOf) {
  EXPECT_EQ(trouble_of(yaml(image_missing)), "pod n/p, container c: ImagePullBackOff: Back-off pulling image");
  EXPECT_EQ(trouble_of(yaml(crashing)),
            "pod n/p, container c: CrashLoopBackOff: back-off 20s, after Error (exit code 7)");
  EXPECT_EQ(trouble_of(yaml(R"(
metadata: {name: p, namespace: "n"}
status: {conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: no free ports}]}
)")),
            "pod n/p: Unschedulable: no free ports");
  EXPECT_EQ(trouble_of(yaml("metadata: {name: p}\nstatus: {containerStatuses: [{name: c, ready: true, state: {}}]}")),
            "");
}

TEST(AddonHealth, RestartsCountOnlyWhileAllAreWell) {
  const Json well =
      yaml("status: {containerStatuses: [{name: c, ready: true, restartCount: 3, state: {running: {}}}]}");
  EXPECT_EQ(restarts_when_well({well, well}), 6);
  EXPECT_EQ(restarts_when_well({well, yaml(crashing)}), std::nullopt);
  Json leaving = yaml(crashing);
  leaving.at("metadata").as_object()["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  EXPECT_EQ(restarts_when_well({well, leaving}), 3);
}

TEST(AddonHealth, HopeEndsWithTheImageThePortOrTheSecondCrash) {
  const auto unscheduled = [](const char* message) {
    const std::string text =
        std::string("status: {conditions: [{type: PodScheduled, status: \"False\", message: \"") + message + "\"}]}";
    return is_hopeless(yaml(text.c_str()));
  };
  EXPECT_TRUE(unscheduled("1 node(s) didn't have free ports for the requested pod ports."));
  EXPECT_FALSE(unscheduled("1 node(s) had untolerated taint(s)")) << "a node may still become ready";
  EXPECT_TRUE(is_hopeless(yaml(image_missing)));
  EXPECT_TRUE(is_hopeless(yaml(crashing)));
  std::string once = crashing;
  once.replace(once.find("restartCount: 2"), 15, "restartCount: 0");
  EXPECT_FALSE(is_hopeless(yaml(once.c_str())));
  EXPECT_FALSE(is_hopeless(yaml("status: {containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]}")));
}

TEST(AddonHealth, AnImageThatCameLateIsKnownByItsName) {
  const auto waiting = [](const std::string& reason) {
    return yaml(("status: {containerStatuses: [{image: 'skiff.dev/a:1', state: {waiting: {reason: " + reason + "}}}]}")
                    .c_str());
  };
  EXPECT_TRUE(waits_for_image(waiting("ErrImagePull"), {"skiff.dev/a:1"}));
  EXPECT_TRUE(waits_for_image(waiting("ImagePullBackOff"), {"skiff.dev/a:1"}));
  EXPECT_FALSE(waits_for_image(waiting("ImagePullBackOff"), {"skiff.dev/b:1"})) << "that one cannot be had";
  EXPECT_FALSE(waits_for_image(waiting("CrashLoopBackOff"), {"skiff.dev/a:1"}));
}

TEST(AddonHealth, TheLogIsThatOfTheRunThatFailed) {
  EXPECT_EQ(failing_container(yaml(image_missing)).container, "") << "it never ran";
  EXPECT_EQ(failing_container(yaml(crashing)).container, "c");
  EXPECT_TRUE(failing_container(yaml(crashing)).previous);
  const auto unready =
      failing_container(yaml("status: {containerStatuses: [{name: c, ready: false, state: {running: {}}}]}"));
  EXPECT_EQ(unready.container, "c");
  EXPECT_FALSE(unready.previous);
}

TEST(AddonHealth, ProbeUrls) {
  const auto full = parse_probe_url("http://web.shop:8080/healthz?x=1").value();
  EXPECT_EQ(full.host, "web.shop");
  EXPECT_EQ(full.port, 8080);
  EXPECT_EQ(full.path, "/healthz?x=1");
  EXPECT_EQ(parse_probe_url("http://192.0.2.2").value().port, 80);
  EXPECT_EQ(parse_probe_url("http://192.0.2.2").value().path, "/");
  for (const auto* bad :
       {"https://x/", "x", "http://", "http://x:/", "http://x:y/", "http://x:0/", "http://x:70000/"}) {
    EXPECT_FALSE(parse_probe_url(bad).ok()) << bad;
  }
}

TEST(AddonHealth, StatusOfAnAnswer) {
  EXPECT_EQ(status_in("HTTP/1.1 404 Not Found\r\n"), 404);
  EXPECT_EQ(status_in("HTTP/1.1 40"), 0);
  EXPECT_EQ(status_in("SSH-2.0 hello"), 0);
}

}  // namespace
}  // namespace skiff::cluster
