// SPDX-License-Identifier: Apache-2.0
#include "cli/help/man_page.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

const std::vector<Command> commands = {
    {.name = "start",
     .summary = "Create a cluster",
     .help = "It is usable\nwhen this ends.\n\nExamples\n  skiff start -n 3    'three' nodes\n  ./skiff start",
     .positionals = {"[NAME]", 0, 1},
     .flags = {{"nodes", 'n', "N", "number of nodes"}, {"dry-run", 0, "", ".only look\\n"}}},
    {.name = "image ls", .group = Group::images, .summary = "List images"},
    {.name = "__agent", .group = Group::images, .summary = "Hold forwards"},
};

void expect_in(const std::string& page, const std::string& part) {
  EXPECT_NE(page.find(part), std::string::npos) << "no " << part << " in\n" << page;
}

TEST(ManPage, HasEachCommandWithItsFlags) {
  const std::string page = man_page(commands);
  expect_in(page, ".SH \"Clusters\"\n.SS \"skiff start [flags] [NAME]\"\nCreate a cluster.\n");
  expect_in(page, ".TP\n\\fB\\-n\\fR, \\fB\\-\\-nodes\\fR \\fIN\\fR\nnumber of nodes\n");
  expect_in(page, ".SH \"Images\"\n.SS \"skiff image ls\"\nList images.\n");
  expect_in(page, "\\fB\\-\\-profile\\fR");
  EXPECT_EQ(page.find("Hold forwards"), std::string::npos);
}

TEST(ManPage, KeepsTheLinesOfExamplesAlone) {
  expect_in(man_page(commands),
            ".PP\nIt is usable\nwhen this ends.\n.PP\nExamples\n.nf\n"
            "  skiff start \\-n 3    \\(aqthree\\(aq nodes\n  ./skiff start\n.fi\n");
}

TEST(ManPage, TakesNoTextForARequest) { expect_in(man_page(commands), "\n\\&.only look\\en\n"); }

}  // namespace
}  // namespace skiff::cli
