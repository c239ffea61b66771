// SPDX-License-Identifier: Apache-2.0
// Two homes on one provider: what one has made, the other neither changes nor removes.
#include "cluster/store/ownership.h"

#include <gtest/gtest.h>

#include "cluster/lifecycle.h"
#include "cluster/status.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

class OwnershipTest : public fakes::LabWorld {
 protected:
  Result<StartReport> start(const Home& of, int nodes = 2) {
    StartRequest request;
    request.profile = "lab";
    request.nodes = nodes;
    request.wait_timeout = std::chrono::seconds(20);
    return cluster::start(ctx, of, request);
  }
  // All that the provider has, with what etcd holds.
  std::string everything() { return world.to_text(); }

  Home ann = world.home(temporary.home() + "/ann");
  Home bob = world.home(temporary.home() + "/bob");
};

TEST_F(OwnershipTest, ASecondHomesStartIsRefusedAtOnceAndSaysWhose) {
  ASSERT_TRUE(start(ann).ok());
  const std::string before = everything();
  const auto refused = start(bob);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::name_conflict);
  EXPECT_NE(refused.error().what.find(temporary.home() + "/ann"), std::string::npos) << refused.error().what;
  EXPECT_EQ(everything(), before);
  EXPECT_TRUE(bob.store.names().empty());
}

TEST_F(OwnershipTest, ASecondHomesDeleteIsRefusedAndChangesNothing) {
  ASSERT_TRUE(start(ann).ok());
  const std::string before = everything();
  EXPECT_EQ(remove(ctx, bob, "lab").error().id, ErrorId::name_conflict);
  EXPECT_EQ(everything(), before);
}

TEST_F(OwnershipTest, OthersClustersAreListedAsTheirs) {
  ASSERT_TRUE(start(ann).ok());
  const auto own = list_profiles(ctx, ann).value();
  ASSERT_EQ(own.size(), 1U);
  EXPECT_TRUE(own[0].current);
  EXPECT_EQ(own[0].owner, "");
  const auto others = list_profiles(ctx, bob).value();
  ASSERT_EQ(others.size(), 1U);
  EXPECT_EQ(others[0].name, "lab");
  EXPECT_EQ(others[0].state, "Running");
  EXPECT_FALSE(others[0].current);
  EXPECT_NE(others[0].owner.find("/ann"), std::string::npos);
}

TEST_F(OwnershipTest, ALostHomeIsMadeAnewFromTheControlPlane) {
  ASSERT_TRUE(start(ann).ok());
  const ClusterSpec made = ann.store.get("lab").value();
  ASSERT_TRUE(sys::remove_tree(ann.store.home()).ok());
  EXPECT_EQ(start(ann).error().id, ErrorId::name_conflict);

  const auto adopted = adopt(ctx, ann, {.profile = "lab", .driver = "", .driver_uri = "", .force = false});
  ASSERT_TRUE(adopted.ok()) << adopted.error().what;
  EXPECT_EQ(adopted->former_owner, made.owner);
  const ClusterSpec again = ann.store.get("lab").value();
  EXPECT_EQ(identity_of(again), identity_of(made));
  EXPECT_EQ(node_count(again), 2);
  EXPECT_EQ(again.addons, made.addons);
  EXPECT_EQ(again.node_subnet, made.node_subnet);
  const auto started = start(ann);
  ASSERT_TRUE(started.ok()) << started.error().what;
  EXPECT_EQ(started->plan[0].action, NodeAction::keep);
  ASSERT_TRUE(remove(ctx, ann, "lab").ok());
  EXPECT_TRUE(world.provider.machines.empty());
}

TEST_F(OwnershipTest, AStoppedClusterIsAdoptedAndStaysStopped) {
  ASSERT_TRUE(start(ann).ok());
  ASSERT_TRUE(stop(ctx, ann, "lab").ok());
  ASSERT_TRUE(adopt(ctx, bob, {.profile = "lab", .driver = "", .driver_uri = "", .force = false}).ok());
  EXPECT_EQ(world.provider.machines.at("lab-cp1").node.state, drivers::NodeState::stopped);
  EXPECT_TRUE(start(bob).ok());
}

TEST_F(OwnershipTest, OnlyWhatIsNotThisHomesCanBeAdopted) {
  EXPECT_EQ(adopt(ctx, ann, {.profile = "lab", .driver = "", .driver_uri = "", .force = false}).error().id,
            ErrorId::profile_not_found);
  ASSERT_TRUE(start(ann).ok());
  EXPECT_EQ(adopt(ctx, ann, {.profile = "lab", .driver = "", .driver_uri = "", .force = false}).error().id,
            ErrorId::profile_conflict);
}

TEST_F(OwnershipTest, AClusterFromBeforeThereWereIdsGoesOnAndGrows) {
  ASSERT_TRUE(start(ann, 1).ok());
  // As an older skiff has left it: neither the profile nor its things have an id.
  ClusterSpec old = ann.store.get("lab").value();
  old.id.clear();
  old.owner.clear();
  ASSERT_TRUE(ann.store.save(old).ok());
  auto& machine = world.provider.machines.at("lab-cp1");
  machine.node.id.cluster.id.clear();
  machine.node.owner.clear();
  world.volumes.at("lab-cp1").cluster.id.clear();
  world.provider.storage.at("lab-cp1").id.clear();
  world.provider.networks.at("lab").cluster.id.clear();

  const auto grown = start(ann, 2);
  ASSERT_TRUE(grown.ok()) << grown.error().what;
  EXPECT_EQ(world.provider.machines.at("lab-w1").node.id.cluster, ClusterId("lab", ""));
  EXPECT_EQ(start(bob).error().id, ErrorId::name_conflict) << "a new home's id is never empty";
  ASSERT_TRUE(remove(ctx, ann, "lab").ok());
  EXPECT_TRUE(world.provider.machines.empty());
}

TEST_F(OwnershipTest, ADamagedProfileStillKnowsItsCluster) {
  ASSERT_TRUE(start(ann).ok());
  const std::string path = ann.store.folder("lab") + "/profile.yaml";
  ASSERT_TRUE(sys::write_atomic(path, sys::read_file(path).value() + "nodes: [\n").ok());
  EXPECT_EQ(start(ann).error().id, ErrorId::config_invalid);
  ASSERT_TRUE(remove(ctx, ann, "lab").ok());
  EXPECT_TRUE(world.provider.machines.empty());
}

}  // namespace
}  // namespace skiff::cluster
