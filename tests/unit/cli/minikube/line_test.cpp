// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/line.h"

#include <gtest/gtest.h>

#include <map>

namespace skiff::cli::minikube {
namespace {

using Words = std::vector<std::string>;

const std::vector<Command> commands = {
    {.name = "start",
     .summary = "s",
     .flags = {{"driver", 'd', "NAME", ""}, {"disk-size", 0, "SIZE", ""}, {"nodes", 'n', "N", ""}}},
    {.name = "status", .summary = "s"}};

Translated translate(Words words, std::map<std::string, std::string> environment = {}) {
  const auto env = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  return translate_line(commands, std::move(words), env).value();
}

TEST(MinikubeLine, AStartIsAsMinikubeWouldMakeIt) {
  EXPECT_EQ(translate({"start", "-n", "2"}).words,
            (Words{"start", "-n", "2", "--node-names=numbers", "--schedule-on-control-plane=true"}));
  EXPECT_EQ(translate({"-p", "lab", "start"}).words.back(), "--schedule-on-control-plane=true");
  EXPECT_EQ(translate({"node", "start", "m02"}).words, (Words{"node", "start", "m02"}));
  EXPECT_EQ(translate({"ssh", "--", "start", "-o", "x"}).words, (Words{"ssh", "--", "start", "-o", "x"}));
}

TEST(MinikubeLine, TheEnvironmentSpeaksWhereTheLineDoesNot) {
  const std::map<std::string, std::string> environment = {
      {"MINIKUBE_PROFILE", "lab"}, {"MINIKUBE_DRIVER", "docker"}, {"MINIKUBE_DISK_SIZE", "9g"}};
  const auto words = translate({"start", "-d", "libvirt"}, environment).words;
  EXPECT_NE(std::ranges::find(words, "--profile=lab"), words.end());
  EXPECT_NE(std::ranges::find(words, "--disk-size=9g"), words.end());
  EXPECT_EQ(std::ranges::find(words, "--driver=docker"), words.end());
  EXPECT_EQ(translate({"status", "-p", "x"}, environment).words, (Words{"status", "-p", "x"}));
}

TEST(MinikubeLine, CapitalsInAProfilesNameMeanTheSameCluster) {
  const auto words = translate({"start", "-p", "MyLab"}).words;
  EXPECT_NE(std::ranges::find(words, "--profile=mylab"), words.end());
  EXPECT_NE(std::ranges::find(words, "--context-name=MyLab"), words.end());
  EXPECT_EQ(translate({"status", "--profile=MyLab"}).words, (Words{"status", "--profile=mylab"}));
}

TEST(MinikubeLine, FormatsThatSkiffHasNoWordFor) {
  EXPECT_EQ(translate({"profile", "list", "-o", "table", "-l"}).words,
            (Words{"profile", "list", "-l", "--output=text"}));
  EXPECT_TRUE(translate({"version", "-o=yaml"}).shape.yaml);
  const auto status = translate({"status", "--output=json", "--layout=cluster"});
  EXPECT_EQ(status.words, (Words{"status", "--output=json"}));
  EXPECT_EQ(status.shape.status_layout, "cluster");
  EXPECT_FALSE(translate_line(commands, {"status", "-l", "tree"}, [](const auto&) { return std::nullopt; }).ok());
}

}  // namespace
}  // namespace skiff::cli::minikube
