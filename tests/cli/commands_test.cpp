// SPDX-License-Identifier: Apache-2.0
// Commands that need no cluster, and the rules that every entry of the command table keeps.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/line/flags.h"
#include "home.h"
#include "model/versions.h"
#include "net/agent/process_identity.h"
#include "sys/files.h"
#include "sys/process.h"

namespace skiff::test {
namespace {

using Words = std::vector<std::string>;

TEST(Table, EveryCommandIsDescribed) {
  std::set<std::string_view> names;
  for (const auto& command : cli::all_commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << "twice: " << command.name;
    EXPECT_FALSE(command.summary.empty() || command.summary.ends_with('.')) << command.name;
    const bool has_example = command.help.find("Example") != std::string_view::npos;
    EXPECT_TRUE(has_example || command.internal()) << command.name << " shows no example";
    EXPECT_NE(command.run, nullptr) << command.name;
  }
  EXPECT_GE(names.size(), 20U);
}

TEST(Table, NoFlagStandsInTheWayOfAnother) {
  for (const auto& command : cli::all_commands()) {
    std::set<std::string> seen;
    std::vector<cli::Flag> flags(cli::global_flags().begin(), cli::global_flags().end());
    flags.insert(flags.end(), command.flags.begin(), command.flags.end());
    for (const auto& flag : flags) {
      EXPECT_TRUE(seen.insert(std::string(flag.name)).second) << command.name << " --" << flag.name;
      if (flag.letter != 0) {
        EXPECT_TRUE(seen.insert({flag.letter}).second) << command.name << " -" << flag.letter;
      }
      EXPECT_FALSE(flag.help.empty()) << command.name << " --" << flag.name;
    }
  }
}

TEST(Binary, NeedsOnlyLibc) {
#ifdef SKIFF_SANITIZED
  GTEST_SKIP() << "sanitizers bring libraries of their own";
#endif
  NoEvents events;
  const auto read =
      sys::run({{}, Deadline::in(std::chrono::seconds(20)), &events},
               {.argv = {"readelf", "--dynamic", SKIFF_BINARY}, .env = {}, .cwd = "", .input = "", .on_line = {}});
  ASSERT_TRUE(read.ok() && read->exit_code == 0);
  int needed = 0;
  for (const auto& line : split(read->out, '\n')) {
    if (line.find("(NEEDED)") == std::string::npos) continue;
    ++needed;
    const bool libc = line.find("[libc.so") != std::string::npos || line.find("[libm.so") != std::string::npos ||
                      line.find("[ld-linux") != std::string::npos;
    EXPECT_TRUE(libc) << line;
  }
  EXPECT_GT(needed, 0);
}

TEST(Help, OfEveryCommandSucceeds) {
  const Home home;
  for (const auto& command : cli::all_commands()) {
    Words words = split(command.name, ' ');
    words.emplace_back("--help");
    const Ran ran = home.skiff(words);
    EXPECT_EQ(ran.exit_code, 0) << command.name << ran.err;
    EXPECT_NE(ran.out.find("Usage: skiff " + std::string(command.name)), std::string::npos);
    EXPECT_EQ(ran.err, "");
  }
}

TEST(Help, OverviewAndGroups) {
  const Home home;
  for (const Words& words : {Words{}, Words{"--help"}, Words{"help"}, Words{"-h"}}) {
    const Ran ran = home.skiff(words);
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_NE(ran.out.find("node-image build"), std::string::npos);
  }
  EXPECT_NE(home.skiff({"image", "-h"}).out.find("image load"), std::string::npos);
  EXPECT_EQ(home.skiff({"start", "--nodes", "x", "-h"}).exit_code, 0) << "help comes before all checks";
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff"))) << "help leaves no trace";
}

TEST(Version, TextShortAndJson) {
  const Home home;
  const std::string own(versions::skiff);
  EXPECT_EQ(home.skiff({"version", "--short"}).out, own + "\n");
  EXPECT_NE(home.skiff({"--version"}).out.find("kubernetes"), std::string::npos);
  const Json line = home.skiff({"version", "-o", "json"}).last_line();
  EXPECT_EQ(text_at(line, "type"), "dev.skiff.result");
  EXPECT_EQ(text_at(line, "skiff"), own);
  EXPECT_EQ(text_at(line, "kubernetes"), versions::kubernetes);
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff"))) << "version leaves no trace";
}

TEST(Config, SetGetUnsetView) {
  const Home home;
  EXPECT_EQ(home.skiff({"config", "set", "nodes", "3"}).exit_code, 0);
  EXPECT_EQ(home.skiff({"config", "set", "memory", "2g"}).exit_code, 0);
  EXPECT_EQ(home.skiff({"config", "get", "nodes"}).out, "3\n");
  EXPECT_EQ(text_at(home.skiff({"config", "view", "-o", "json"}).last_line(), "settings.memory"), "2g");
  EXPECT_EQ(home.skiff({"config", "unset", "nodes"}).exit_code, 0);
  const Ran unset = home.skiff({"config", "get", "nodes"});
  EXPECT_EQ(unset.exit_code, 0);
  EXPECT_EQ(unset.out, "");
  EXPECT_EQ(home.skiff({"config", "get", "memory"}).out, "2g\n");
}

TEST(Config, HandWrittenNumbersAreFine) {
  const Home home;
  home.write("skiff/config.yaml", "# mine\nnodes: 3\ncpus: 1.5\n");
  EXPECT_EQ(home.skiff({"config", "get", "nodes"}).out, "3\n");
  EXPECT_EQ(home.skiff({"config", "get", "cpus"}).out, "1.5\n");
}

TEST(Profile, FlagThenSettingThenEnvironmentThenDefault) {
  Home home;
  EXPECT_EQ(home.skiff({"profile"}).out, "skiff\n");
  home.env["SKIFF_PROFILE"] = "from-env";
  EXPECT_EQ(home.skiff({"profile"}).out, "from-env\n");
  home.add_profile("lab");
  EXPECT_EQ(home.skiff({"profile", "lab"}).exit_code, 0);
  EXPECT_EQ(home.skiff({"profile"}).out, "lab\n");
  EXPECT_EQ(home.skiff({"-p", "x", "profile"}).out, "x\n");
  EXPECT_EQ(home.skiff({"profile", "-p", "x"}).out, "x\n");
}

TEST(Profile, OneThatDoesNotExistYetMayBeChosen) {
  const Home home;
  home.add_profile("lab");
  const Ran ran = home.skiff({"profile", "lob"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_NE(ran.err.find("no such cluster yet; did you mean 'lab'"), std::string::npos) << ran.err;
  EXPECT_EQ(home.skiff({"profile"}).out, "lob\n");
  EXPECT_EQ(home.skiff({"profile", "Not a name"}).exit_code, 14);
}

TEST(Stop, IsScheduledAndCancelledInTheBackground) {
  const Home home;
  home.add_profile("lab");
  const auto file = home.path("skiff/profiles/lab/state/scheduled-stop");
  const Ran asked = home.skiff({"stop", "-p", "lab", "--schedule", "10m"});
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  EXPECT_NE(asked.err.find("in 10m: lab"), std::string::npos) << asked.err;
  const std::string first = split(sys::read_file(file).value_or(""), '\n').front();
  EXPECT_TRUE(net::is_alive(net::parse_identity(first).value()));
  ASSERT_EQ(home.skiff({"stop", "--all", "--schedule", "20m"}).exit_code, 0);
  const std::string second = split(sys::read_file(file).value_or(""), '\n').front();
  EXPECT_FALSE(net::is_alive(net::parse_identity(first).value())) << "the later one takes the place of the first";

  EXPECT_NE(home.skiff({"stop", "-p", "lab", "--cancel-scheduled"}).err.find("cancelled: lab"), std::string::npos);
  EXPECT_FALSE(net::is_alive(net::parse_identity(second).value()));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_NE(home.skiff({"stop", "-p", "lab", "--cancel-scheduled"}).err.find("No stop was"), std::string::npos);
  EXPECT_EQ(home.skiff({"stop", "-p", "lab", "--cancel-scheduled", "--schedule", "1m"}).exit_code, 14);
  EXPECT_EQ(home.skiff({"stop", "-p", "other", "--schedule", "1m"}).exit_code, 13);
}

TEST(Stop, OfAllGoesOnAfterAFailure) {
  const Home home;
  EXPECT_EQ(home.skiff({"stop", "--all"}).exit_code, 0);
  home.add_profile("lab");
  home.add_profile("other");
  const Ran ran = home.skiff({"stop", "--all"});  // there is no Docker
  EXPECT_EQ(ran.exit_code, 69);
  EXPECT_NE(ran.err.find("'lab': "), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("'other': "), std::string::npos) << ran.err;
}

TEST(Purge, TakesWhatIsSkiffsAndNothingElse) {
  const Home home;
  home.write("skiff/profiles/lab/pki/ca.crt", "what a start that broke off has left");
  home.write("skiff/profiles/other/pki/ca.crt", "another");
  home.write("skiff/config.yaml", "nodes: 3\n");
  home.write("skiff/cache/images/x", "built");
  home.write("skiff/mine.txt", "of the user");
  EXPECT_EQ(home.skiff({"delete", "-p", "lab", "--purge"}).exit_code, 14) << "there is another cluster";
  EXPECT_TRUE(std::filesystem::exists(home.path("skiff/profiles/lab")));
  const Ran ran = home.skiff({"delete", "--all", "--purge"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.err.find("mine.txt"), std::string::npos) << ran.err;
  EXPECT_EQ(sys::list_folder(home.path("skiff")), Words{"mine.txt"});
  std::filesystem::remove(home.path("skiff/mine.txt"));
  EXPECT_EQ(home.skiff({"delete", "--all", "--purge"}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff")));
}

TEST(SmallCommands, SayWhatIsTrue) {
  const Home home;
  EXPECT_EQ(home.skiff({"config", "defaults", "driver"}).out, "docker\nlibvirt\n");
  EXPECT_EQ(home.skiff({"config", "defaults", "kubernetes-version"}).out, std::string(versions::kubernetes) + "\n");
  EXPECT_EQ(home.skiff({"config", "defaults", "colour"}).exit_code, 14);
  EXPECT_NE(home.skiff({"options"}).out.find("--profile"), std::string::npos);
  EXPECT_NE(home.skiff({"license"}).out.find("Kubernetes"), std::string::npos);
  EXPECT_NE(home.skiff({"update-check"}).out.find(versions::skiff), std::string::npos);
  for (const auto* name : {"ssh-key", "ssh-host"}) {
    const Ran ran = home.skiff({name});
    EXPECT_EQ(ran.exit_code, 15);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("skiff ssh"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff"))) << "and leave no trace";
}

TEST(Profile, OfADeletedClusterIsForgotten) {
  const Home home;
  home.write("skiff/profiles/lab/pki/ca.crt", "what a start that broke off has left");
  home.write("skiff/config.yaml", "profile: lab\nnodes: 3\n");
  EXPECT_EQ(home.skiff({"delete"}).exit_code, 0);
  EXPECT_EQ(home.skiff({"profile"}).out, "skiff\n");
  EXPECT_EQ(home.skiff({"config", "get", "nodes"}).out, "3\n");
}

TEST(Quiet, SaysNothingThatIsNotData) {
  const Home home;
  const Ran ran = home.skiff({"config", "set", "nodes", "3", "-q"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out + ran.err, "");
}

TEST(Log, OfTheLastRunIsKept) {
  const Home home;
  EXPECT_EQ(home.skiff({"status", "-p", "lab"}).exit_code, 13);
  EXPECT_EQ(home.skiff({"status", "-p", "lab"}).exit_code, 13);
  const std::string log(trim(home.skiff({"logs", "--own"}).out));
  EXPECT_TRUE(log.starts_with(home.path("skiff/logs/status-lab-"))) << log;
  EXPECT_NE(sys::read_file(log).value_or("").find("PROFILE_NOT_FOUND"), std::string::npos);
  EXPECT_EQ(sys::list_folder(home.path("skiff/logs")).size(), 1U);
  EXPECT_NE(home.skiff({"status", "-p", "lab", "-v"}).err.find("PROFILE_NOT_FOUND"), std::string::npos);
}

TEST(Log, OfTheLastStartIsThatOfTheProfile) {
  const Home home;
  home.write("skiff/logs/start-lab-2-1.log", "of lab-2\n");
  home.write("skiff/logs/start-lab-2.log", "of lab\n");
  home.write("skiff/logs/stop-lab-3.log", "of a stop\n");
  EXPECT_EQ(home.skiff({"logs", "--last-start-only", "-p", "lab"}).out, "of lab\n");
  EXPECT_EQ(home.skiff({"logs", "--last-start-only", "-p", "other"}).exit_code, 30);
}

TEST(Audit, TellsWhatWasDoneAndHowItEnded) {
  const Home home;
  EXPECT_EQ(home.skiff({"logs", "--audit"}).out, "");
  home.skiff({"config", "set", "nodes", "3"});
  home.skiff({"config", "get", "nodes"});
  home.skiff({"-p", "lab", "stop"});
  const Json told = home.skiff({"logs", "--audit", "-o", "json"}).last_line();
  ASSERT_EQ(array_at(told, "audit").size(), 2U);
  EXPECT_EQ(text_at(told, "audit.0.command"), "config set");
  EXPECT_EQ(text_at(told, "audit.0.args"), "nodes 3");
  EXPECT_EQ(int_at(told, "audit.0.exit_code", -1), 0);
  EXPECT_EQ(text_at(told, "audit.1.args"), "-p lab");
  EXPECT_EQ(text_at(told, "audit.1.profile"), "lab");
  EXPECT_EQ(text_at(told, "audit.1.version"), versions::skiff);
  EXPECT_EQ(int_at(told, "audit.1.exit_code"), 13);
  EXPECT_NE(text_at(told, "audit.1.end"), "");
  const std::string table = home.skiff({"logs", "--audit", "-n", "1"}).out;
  EXPECT_NE(table.find("-p lab"), std::string::npos) << table;
  EXPECT_EQ(table.find("config set"), std::string::npos) << table;
}

// Where the API is, the driver tells, and no kubeconfig of the user's.
TEST(Kubectl, RunsNothingWithoutTheProfilesOwnCluster) {
  Home home;
  home.add_profile("lab");
  home.write("bin/kubectl", "#!/bin/sh\necho ran\n");
  std::filesystem::permissions(home.path("bin/kubectl"), std::filesystem::perms::owner_all);
  home.env["PATH"] = home.path("bin") + ":/usr/bin:/bin";
  const Ran ran = home.skiff({"-p", "lab", "kubectl", "--", "get", "pods", "-o", "wide"});
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.exit_code, 69) << ran.err;
  EXPECT_EQ(home.skiff({"-p", "other", "kubectl", "--", "get", "pods"}).exit_code, 13);
}

TEST(Doctor, FailsOnlyWhenNoDriverWorks) {
  const Home home;
  const Ran ran = home.skiff({"doctor"});
  for (const auto* subject : {"docker", "libvirt", "inotify", "disk", "subnets", "name-servers", "node-image"}) {
    EXPECT_NE(ran.out.find(subject), std::string::npos) << subject;
  }
  // Docker is away; whether libvirt works is this host's business.
  const Json told = home.skiff({"doctor", "-o", "json"}).last_line();
  std::map<std::string, std::string> verdicts;
  for (const auto& finding : array_at(told, "findings"))
    verdicts[text_at(finding, "name")] = text_at(finding, "verdict");
  EXPECT_GT(verdicts.size(), 3U);
  const bool libvirt_works = verdicts["libvirt"] == "good";
  EXPECT_EQ(verdicts["docker"], libvirt_works ? "warning" : "bad");
  EXPECT_EQ(ran.exit_code, libvirt_works ? 0 : 30) << ran.out;
}

}  // namespace
}  // namespace skiff::test
