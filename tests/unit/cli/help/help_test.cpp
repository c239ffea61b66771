// SPDX-License-Identifier: Apache-2.0
#include "cli/help/help.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

const std::vector<Command> commands = {
    {.name = "start",
     .summary = "Create a cluster",
     .help = "Examples\n  skiff start",
     .flags = {{"nodes", 'n', "N", "number of nodes"}}},
    {.name = "node list", .group = Group::nodes, .summary = "List nodes"},
    {.name = "node add", .group = Group::nodes, .summary = "Add a node"},
};

TEST(Help, OverviewNamesEveryCommand) {
  const std::string text = overview(commands);
  for (const auto& command : commands) {
    EXPECT_NE(text.find(std::string(command.name) + " "), std::string::npos) << command.name;
    EXPECT_NE(text.find(command.summary), std::string::npos);
  }
  EXPECT_NE(text.find("--profile"), std::string::npos);
}

TEST(Help, OfACommandHasItsFlagsAndExamples) {
  const std::string text = help_for(commands, {"start"}).value();
  EXPECT_NE(text.find("Create a cluster."), std::string::npos);
  EXPECT_NE(text.find("Usage: skiff start [flags]"), std::string::npos);
  EXPECT_NE(text.find("-n, --nodes N  number of nodes"), std::string::npos);
  EXPECT_NE(text.find("Examples"), std::string::npos);
  EXPECT_EQ(text, help_for(commands, {"start", "lab", "--nodes", "3"}).value());
}

TEST(Help, OfAGroupListsIt) {
  const std::string text = help_for(commands, {"node"}).value();
  EXPECT_NE(text.find("node list"), std::string::npos);
  EXPECT_NE(text.find("node add"), std::string::npos);
  EXPECT_EQ(text.find("start"), std::string::npos);
}

TEST(Help, OfNothingKnownIsAnError) { EXPECT_EQ(help_for(commands, {"strat"}).error().id, ErrorId::usage); }

}  // namespace
}  // namespace skiff::cli
