// SPDX-License-Identifier: Apache-2.0
#include "cli/help/completion.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

const std::vector<Command> commands = {
    {.name = "start", .summary = "Create a cluster", .flags = {{"nodes", 'n', "N", "number of nodes"}}},
    {.name = "image load", .summary = "Load the cluster's images"},
};

TEST(Completion, BashKnowsWordsAndFlagsOfEveryPath) {
  const std::string script = completion_script(commands, "bash").value();
  EXPECT_NE(script.find("\"\") words=\"image start\""), std::string::npos) << script;
  EXPECT_NE(script.find("\"image\") words=\"load\""), std::string::npos);
  EXPECT_NE(script.find("\"start\") words=\"\" flags=\"--nodes\""), std::string::npos);
  EXPECT_NE(script.find("--profile"), std::string::npos);
}

TEST(Completion, FishQuotesSummaries) {
  const std::string script = completion_script(commands, "fish").value();
  EXPECT_NE(script.find("-n '__skiff_at image' -a load -d 'Load the cluster\\'s images'"), std::string::npos) << script;
}

TEST(Completion, UnknownShellIsUsage) { EXPECT_EQ(completion_script(commands, "tcsh").error().id, ErrorId::usage); }

}  // namespace
}  // namespace skiff::cli
