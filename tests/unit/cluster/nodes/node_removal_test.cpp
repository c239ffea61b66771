// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_removal.h"

#include <gtest/gtest.h>

#include "tests/fakes/lab.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

class NodeRemovalTest : public testing::Test {
 protected:
  NodeRemovalTest() {
    EXPECT_TRUE(fakes::save_lab(home, 3).ok());
    for (const auto* name : {"lab-cp1", "lab-w1", "lab-w2"}) {
      const Role role = std::string(name) == "lab-cp1" ? Role::control_plane : Role::worker;
      machines[name].node = {{{"lab", ""}, name}, role, drivers::NodeState::stopped, {}, "", ""};
    }
  }

  Result<drivers::NodeId> remove(const std::string& node) { return remove_node(ctx, home, {"lab", node}); }

  fakes::TemporaryHome temporary;
  std::map<std::string, fakes::FakeDriver::Machine> machines;
  Home home = fakes::home_of_fakes(temporary.home(), [this](fakes::FakeDriver& driver) {
    driver.machines = machines;
    driver.before = [this](std::string_view method, std::string_view subject) -> Result<void> {
      if (method == "remove_node") machines.erase(std::string(subject));
      return {};
    };
  });
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

TEST_F(NodeRemovalTest, WorkersLeaveAStoppedClusterInAnyOrder) {
  EXPECT_EQ(remove("w1").value().name, "lab-w1");
  EXPECT_EQ(names_of(home.store.get("lab").value()).back().name, "lab-w2");
  EXPECT_EQ(remove("w1").error().id, ErrorId::node_not_found);
  EXPECT_NE(remove("w3").error().what.find("w2"), std::string::npos);
  EXPECT_EQ(remove("lab-w2").value().name, "lab-w2");
  EXPECT_EQ(node_count(home.store.get("lab").value()), 1);
  EXPECT_EQ(machines.size(), 1U);
}

TEST_F(NodeRemovalTest, ControlPlaneAndStrangersStay) {
  EXPECT_EQ(remove("cp1").error().id, ErrorId::unsupported);
  EXPECT_EQ(remove("w9").error().id, ErrorId::node_not_found);
  EXPECT_EQ(remove_node(ctx, home, {"lob", "w1"}).error().id, ErrorId::profile_not_found);
  EXPECT_EQ(machines.size(), 3U);
}

}  // namespace
}  // namespace skiff::cluster
