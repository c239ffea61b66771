// SPDX-License-Identifier: Apache-2.0
// Proxies, authorities, registries and logins of nodes that run.
#include <gtest/gtest.h>

#include <algorithm>

#include "cluster/start/start.h"
#include "tests/fakes/lab_world.h"

namespace skiff::cluster {
namespace {

using fakes::words;

class OutsideTest : public fakes::LabWorld {
 protected:
  OutsideTest() {
    world.provider.command = [this](const drivers::NodeId& node,
                                    const drivers::ExecRequest& request) -> std::optional<int> {
      const auto name = std::ranges::find(request.argv, "take-outside");
      if (name == request.argv.end()) return std::nullopt;
      told.push_back(node.name + " " + *(name + 1));
      return node.name == broken && --breaks >= 0 ? 1 : 0;
    };
  }
  Result<StartReport> start_with(std::vector<std::string> mirrors) {
    StartRequest request;
    request.nodes = 2;
    request.registry_mirrors = std::move(mirrors);
    return start(request);
  }
  std::vector<std::string> told_now() {
    auto all = std::exchange(told, {});
    std::ranges::sort(all);
    return all;
  }
  std::string given() { return home.store.find("lab").value()->given; }

  std::vector<std::string> told;  // "lab-w1 <digest>"
  std::string broken;
  int breaks = 0;
};

using Strings = std::vector<std::string>;

TEST_F(OutsideTest, NodesAreToldWhatIsNotWhatTheyHave) {
  ASSERT_TRUE(start_with({"https://a.test"}).ok());
  EXPECT_EQ(told_now(), Strings()) << "they came with it";
  const std::string first = given();
  EXPECT_NE(first, "");
  ASSERT_TRUE(start_with({"https://a.test"}).ok());
  EXPECT_EQ(told_now(), Strings());

  const auto other = start_with({"https://b.test"});
  ASSERT_TRUE(other.ok()) << words(other.error());
  EXPECT_NE(given(), first);
  EXPECT_EQ(told_now(), (Strings{"lab-cp1 " + given(), "lab-w1 " + given()}));
  ASSERT_TRUE(start_with({}).ok());
  EXPECT_EQ(given(), "");
  EXPECT_EQ(told_now(), (Strings{"lab-cp1 none", "lab-w1 none"}));
}

TEST_F(OutsideTest, AFailureGivesBackWhatTheyHad) {
  ASSERT_TRUE(start_with({"https://a.test"}).ok());
  const std::string first = given();
  broken = "lab-w1";
  breaks = 1;
  const auto failed = start_with({"https://b.test"});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().id, ErrorId::node_command_failed) << words(failed.error());
  EXPECT_EQ(given(), first);
  const auto all = told_now();
  EXPECT_NE(std::ranges::find(all, "lab-cp1 " + first), all.end());
  EXPECT_NE(std::ranges::find(all, "lab-w1 " + first), all.end());
}

TEST_F(OutsideTest, ALoginThatCannotBeReadEndsAStartBeforeItBegins) {
  StartRequest request;
  request.registry_config = "/nonexistent/config.json";
  EXPECT_EQ(start(request).error().id, ErrorId::host_error);
  EXPECT_TRUE(world.provider.machines.empty());
  EXPECT_FALSE(home.store.find("lab").value());
}

}  // namespace
}  // namespace skiff::cluster
