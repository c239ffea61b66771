// SPDX-License-Identifier: Apache-2.0
// Services on ports of this host, of a cluster in memory.
#include "cluster/reach/expose.h"

#include <gtest/gtest.h>

#include "cluster/lifecycle.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using fakes::ObjectStore;

class ExposeTest : public fakes::LabWorld {
 protected:
  ExposeTest() { EXPECT_TRUE(start().ok()); }
  void add_service(const std::string& name) {
    world.kubernetes("lab")->with([&](ObjectStore& store) {
      store.put({"/api/v1", "namespaces", "", "shop"}, {{"apiVersion", "v1"}, {"kind", "Namespace"}});
      store.put({"/api/v1", "services", "shop", name},
                {{"apiVersion", "v1"},
                 {"kind", "Service"},
                 {"spec", JsonObject{{"type", "ClusterIP"},
                                     {"clusterIP", "10.96.0.77"},
                                     {"ports", JsonArray{JsonObject{{"port", 80}, {"protocol", "TCP"}}}}}}});
      store.put({"/apis/discovery.k8s.io/v1", "endpointslices", "shop", name + "-1"},
                {{"apiVersion", "discovery.k8s.io/v1"},
                 {"kind", "EndpointSlice"},
                 {"metadata", JsonObject{{"labels", JsonObject{{"kubernetes.io/service-name", name}}}}},
                 {"endpoints", JsonArray{JsonObject{{"nodeName", "lab-cp1"}}}}});
    });
  }
  ErrorId refusal(const Exposure& wanted) {
    const auto exposed = expose_here(ctx, home, wanted);
    EXPECT_FALSE(exposed.ok());
    return exposed.ok() ? ErrorId::internal : exposed.error().id;
  }
};

TEST_F(ExposeTest, ANamespacesServicesGetPortsOfThisHost) {
  add_service("web");
  add_service("api");
  const auto exposed = expose_here(ctx, home, {.profile = "lab", .ns = "shop"});
  ASSERT_TRUE(exposed.ok()) << exposed.error().what;
  ASSERT_EQ(exposed->held.size(), 2U);
  for (const auto& forward : exposed->held) EXPECT_NE(forward.local_port, 0);
}

TEST_F(ExposeTest, WhatIsNotThereIsAnErrorAndNothingIsHeld) {
  EXPECT_EQ(refusal({.profile = "lab", .ns = "shop"}), ErrorId::service_not_found);
  EXPECT_EQ(refusal({.profile = "lab", .ns = "shop", .names = {"web"}}), ErrorId::service_not_found);
  add_service("web");
  add_service("api");
  EXPECT_EQ(refusal({.profile = "lab", .ns = "shop", .names = {}, .local_port = 8080}), ErrorId::usage);
  ASSERT_TRUE(stop(ctx, home, "lab").ok());
  EXPECT_EQ(refusal({.profile = "lab", .ns = "shop"}), ErrorId::cluster_not_running);
  EXPECT_EQ(refusal({.profile = "lob"}), ErrorId::profile_not_found);
}

}  // namespace
}  // namespace skiff::cluster
