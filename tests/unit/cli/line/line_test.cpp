// SPDX-License-Identifier: Apache-2.0
#include "cli/line/line.h"

#include <gtest/gtest.h>

namespace skiff::cli {
namespace {

using Words = std::vector<std::string>;

const std::vector<Command> commands = {
    {.name = "start", .summary = "s", .flags = {{"nodes", 'n', "N", ""}, {"driver", 'd', "NAME", ""}}},
    {.name = "service", .summary = "s", .positionals = {"NAME...", 1, any_number}, .flags = {{"url", 0, "", ""}}},
    {.name = "service list", .summary = "s"},
    {.name = "node list", .summary = "s"},
    {.name = "kubectl", .summary = "s", .positionals = {"-- ARGS...", 0, any_number}},
    {.name = "config set", .summary = "s", .positionals = {"KEY VALUE", 2, 2}},
};

Result<Call> call(const Words& argv) { return read_call(commands, TRY(read_line(argv))); }

Error failure(const Words& argv) {
  const auto result = call(argv);
  EXPECT_FALSE(result.ok());
  return result.ok() ? Error{} : result.error();
}

TEST(Line, GlobalFlagsStandAnywhere) {
  for (const Words& argv :
       {Words{"-p", "lab", "service", "web", "--url"}, Words{"service", "web", "--url", "-p", "lab"},
        Words{"service", "--profile=lab", "web", "--url"}, Words{"-plab", "service", "--url", "web"}}) {
    const auto line = read_line(argv).value();
    EXPECT_EQ(line.globals.profile, "lab");
    const auto found = call(argv).value();
    EXPECT_EQ(found.command->name, "service");
    EXPECT_EQ(found.args.words, (Words{"web"}));
    EXPECT_TRUE(found.args.has("url"));
  }
}

TEST(Line, TheLongestNameWins) {
  EXPECT_EQ(call({"service", "list"})->command->name, "service list");
  EXPECT_EQ(call({"service", "-p", "lab", "list"})->command->name, "service list");
  EXPECT_EQ(call({"service", "lists"})->command->name, "service");
}

TEST(Line, DashesPassTheRestThrough) {
  const auto found = call({"kubectl", "-p", "lab", "--", "get", "pods", "-o", "json", "--help", "--"}).value();
  EXPECT_EQ(found.args.words, (Words{"get", "pods", "-o", "json", "--help", "--"}));
  const auto line = read_line({"kubectl", "--", "-p", "x", "-h"}).value();
  EXPECT_FALSE(line.globals.profile);
  EXPECT_FALSE(line.globals.help);
}

TEST(Line, UnknownCommandNamesTheNearest) {
  const Error error = failure({"strat"});
  EXPECT_EQ(error.id, ErrorId::usage);
  EXPECT_EQ(error.what, "Unknown command 'strat'");
  EXPECT_NE(error.advice.find("'skiff start'"), std::string::npos);
  EXPECT_NE(failure({"node", "lits"}).advice.find("'skiff node list'"), std::string::npos);
}

TEST(Line, GroupAloneListsItsMembers) {
  EXPECT_NE(failure({"node"}).advice.find("skiff node list"), std::string::npos);
}

TEST(Line, UnknownFlagNamesTheNearest) {
  const Error error = failure({"start", "--nodse", "3"});
  EXPECT_EQ(error.id, ErrorId::usage);
  EXPECT_EQ(error.what, "Unknown flag '--nodse' for 'skiff start'");
  EXPECT_NE(error.advice.find("'--nodes'"), std::string::npos);
  EXPECT_NE(failure({"start", "--profil=lab"}).advice.find("'--profile'"), std::string::npos);
  EXPECT_EQ(failure({"start", "-x"}).what, "Unknown flag '-x' for 'skiff start'");
}

TEST(Line, FlagBeforeTheCommand) {
  EXPECT_NE(failure({"--nodes", "3", "start"}).what.find("before the command"), std::string::npos);
}

TEST(Line, PositionalsAreCounted) {
  EXPECT_EQ(failure({"start", "lab"}).what, "'skiff start' does not take 'lab'");
  EXPECT_EQ(failure({"service"}).what, "'skiff service' needs NAME...");
  EXPECT_EQ(failure({"config", "set", "nodes"}).what, "'skiff config set' needs KEY VALUE");
  EXPECT_EQ(failure({"config", "set", "a", "b", "c"}).what, "'skiff config set' does not take 'c'");
  EXPECT_TRUE(call({"config", "set", "nodes", "-1"}).ok());
}

TEST(Line, OutputIsTextOrJson) {
  EXPECT_TRUE(read_line({"start", "-o", "json"})->globals.json);
  EXPECT_FALSE(read_line({"start", "-o", "text"})->globals.json);
  EXPECT_EQ(read_line({"start", "-o", "yaml"}).error().id, ErrorId::usage);
  EXPECT_EQ(read_line({"start", "-o"}).error().id, ErrorId::usage);
}

}  // namespace
}  // namespace skiff::cli
