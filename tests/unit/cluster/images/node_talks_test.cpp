// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/node_talks.h"

#include <gtest/gtest.h>

#include "base/strings.h"
#include "tests/fakes/fake_driver.h"

namespace skiff::cluster {
namespace {

using Names = std::vector<NodeNames>;
using Undos = std::vector<NameUndo>;

TEST(NameUndo, SomeNodesGoBackToWhatTheOthersHave) {
  const Naming given = {{{"app", "new"}}, {0, 1, 2}};
  EXPECT_EQ(undo_of(Names{{{"app", "new"}}, {{"app", "old"}}, {{"app", "old"}}}, given), (Undos{{0, "app", "old"}}));
  EXPECT_EQ(undo_of(Names{{{"app", "new"}}, {{"app", "new"}}, {}}, given), (Undos{{0, "app", ""}, {1, "app", ""}}));
  EXPECT_EQ(undo_of(Names{{{"a", "1"}, {"b", "2"}}, {{"a", "0"}, {"b", "2"}}}, {{{"a", "1"}, {"b", "2"}}, {0, 1}}),
            (Undos{{0, "a", "0"}}));
}

TEST(NameUndo, NothingIsDoneWhereThereIsNothingToGoBackTo) {
  const Naming given = {{{"app", "new"}}, {0, 1, 2}};
  EXPECT_TRUE(undo_of(Names{{{"app", "new"}}, {{"app", "new"}}}, given).empty()) << "all have it";
  EXPECT_TRUE(undo_of(Names{{{"app", "old"}}, {{"app", "old"}}}, given).empty()) << "none has it";
  EXPECT_TRUE(undo_of(Names{{{"app", "new"}}, {{"app", "old"}}, {{"app", "older"}}}, given).empty());
  EXPECT_TRUE(undo_of({}, given).empty());
  EXPECT_TRUE(undo_of(Names{{{"app", "new"}}, {}}, {{{"app", "new"}}, {1}}).empty()) << "one had it before";
}

TEST(NameUndo, TheNodesAreAskedAndWhatFailsIsTold) {
  fakes::FakeDriver driver;
  std::vector<drivers::NodeId> nodes;
  for (const auto* name : {"lab-cp1", "lab-w1"}) {
    nodes.push_back({{"lab", ""}, name});
    driver.machines[name].node = {nodes.back(), Role::worker, drivers::NodeState::running, {}, "", ""};
  }
  std::vector<std::string> done;
  int code = 0;
  driver.command = [&](const drivers::NodeId& node, const drivers::ExecRequest& request) -> std::optional<int> {
    if (request.argv.back() == "name==app") {
      request.out("REF TYPE DIGEST\napp type sha256:" + std::string(node.name == "lab-cp1" ? "new" : "old") +
                  " size\n");
      return 0;
    }
    done.push_back(node.name + " " + request.argv[request.argv.size() - 2] + " " + request.argv.back());
    return code;
  };
  NoEvents events;
  const Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
  Error why = make_error(ErrorId::node_command_failed, "no");
  take_back_names(ctx, driver, nodes, {{{"app", "sha256:new"}}, {0, 1}}, why);
  EXPECT_EQ(done, std::vector<std::string>{"lab-cp1 app sha256:old"});
  EXPECT_TRUE(why.trail.empty());
  code = 1;
  take_back_names(ctx, driver, nodes, {{{"app", "sha256:new"}}, {0, 1}}, why);
  ASSERT_EQ(why.trail.size(), 1U);
  EXPECT_NE(why.trail[0].find("lab-cp1"), std::string::npos);
}

}  // namespace
}  // namespace skiff::cluster
