// SPDX-License-Identifier: Apache-2.0
#include "cli/line/habits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/line/flags.h"
#include "cli/line/line.h"

namespace skiff::cli {
namespace {

std::string file(const std::string& path) {
  std::ifstream stream(SKIFF_SOURCE_DIR + ("/" + path));
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

struct Reference {
  std::string command;
  std::vector<std::string> flags;
};

// minikube's commands and their flags; the last, "*", has those of every command.
std::vector<Reference> reference() {
  std::vector<Reference> all;
  for (const auto& line : split(file("tests/unit/cli/line/minikube_reference.txt"), '\n')) {
    const auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string::npos) continue;
    Reference entry{line.substr(0, colon), {}};
    for (const auto& word : split(line.substr(colon + 1), ' ')) {
      if (word.starts_with("--")) entry.flags.push_back(word.substr(2));
    }
    all.push_back(std::move(entry));
  }
  return all;
}

bool has(std::span<const Flag> flags, std::string_view name) {
  return std::ranges::find(flags, name, &Flag::name) != flags.end();
}

const Command* command_of(const std::vector<Command>& commands, std::string_view name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

const Habit* habit_of(std::string_view command, std::string_view flag) {
  const auto found = std::ranges::find_if(all_habits(), [&](const Habit& habit) {
    return habit.flag.name == flag && (habit.command == command || (habit.command.empty() && command == "*"));
  });
  return found == all_habits().end() ? nullptr : &*found;
}

const MissingCommand* missing_of(std::string_view name) {
  const auto found = std::ranges::find(missing_commands(), name, &MissingCommand::name);
  return found == missing_commands().end() ? nullptr : &*found;
}

// "effect", or what the table of habits says; empty when nobody takes the flag.
std::string treatment(const Command* command, std::string_view name, std::string_view flag) {
  const bool own = command != nullptr && has(command->flags, flag);
  if (own || has(global_flags(), flag) || (name == "*" && flag == "v")) return "effect";
  const Habit* habit = habit_of(name, flag);
  if (habit == nullptr) return "";
  return habit->kind == HabitKind::works ? "effect" : std::string(to_string(habit->kind));
}

TEST(Habits, EveryFlagAndCommandOfTheReferenceIsAnswered) {
  const auto commands = all_commands();
  for (const auto& [name, flags] : reference()) {
    const Command* command = command_of(commands, name);
    if (command == nullptr && name != "*") {
      EXPECT_NE(missing_of(name), nullptr) << name;
      continue;
    }
    for (const auto& flag : flags) EXPECT_NE(treatment(command, name, flag), "") << name << " --" << flag;
  }
}

TEST(Habits, NoneIsAlsoSkiffsOwn) {
  const auto commands = all_commands();
  for (const auto& habit : all_habits()) {
    if (habit.command.empty()) continue;
    const Command* command = command_of(commands, habit.command);
    if (command == nullptr) continue;
    EXPECT_FALSE(has(command->flags, habit.flag.name)) << habit.command << " --" << habit.flag.name;
  }
  for (const auto& missing : missing_commands()) EXPECT_EQ(command_of(commands, missing.name), nullptr) << missing.name;
}

const std::vector<Command> few = {{.name = "start", .summary = "s", .flags = {{"nodes", 'n', "N", ""}}},
                                  {.name = "image ls", .summary = "s"},
                                  {.name = "ssh", .summary = "s", .positionals = {"WORDS", 0, any_number}}};

Result<Call> call(const std::vector<std::string>& words) { return read_call(few, TRY(read_line(words))); }

TEST(Habits, WhatIsSoAnywayIsTakenInSilence) {
  for (const auto& flag : {"--preload", "--preload=true", "--container-runtime=containerd", "--install-addons=true",
                           "--stderrthreshold=2"}) {
    const auto read = call({"start", flag});
    ASSERT_TRUE(read.ok()) << flag;
    EXPECT_TRUE(read->notes.empty()) << flag;
  }
}

TEST(Habits, WhatMeansNothingHereIsSaid) {
  const auto read = call({"start", "--uuid", "x", "--preload=false", "-b", "other"}).value();
  ASSERT_EQ(read.notes.size(), 3U);
  EXPECT_NE(read.notes[0].find("--bootstrapper"), std::string::npos);
  EXPECT_NE(read.notes[1].find("--preload"), std::string::npos);
  EXPECT_NE(read.notes[2].find("--uuid has no effect"), std::string::npos);
  EXPECT_TRUE(read.args.words.empty());
}

TEST(Habits, WhatWouldBeALieIsRefusedWithWhatToUse) {
  for (const auto& flag : {"--gpus=all", "-c=docker"}) {
    const auto read = call({"start", flag});
    ASSERT_FALSE(read.ok()) << flag;
    EXPECT_EQ(read.error().id, ErrorId::unsupported);
    EXPECT_FALSE(read.error().advice.empty());
  }
  const auto missing = call({"docker-env", "--shell", "bash"});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().what, "skiff has no command 'docker-env'");
  EXPECT_EQ(call({"image", "list"})->command->name, "image ls");
}

TEST(Habits, LevelsOfTheLogAreTaken) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"start", "-v=5"}, {"-v", "5", "start"}, {"start", "-v5"}, {"--v=5", "start"}}) {
    const auto line = read_line(words).value();
    EXPECT_FALSE(line.globals.verbose);
    EXPECT_EQ(line.words, std::vector<std::string>{"start"});
  }
  EXPECT_TRUE(read_line({"start", "-v"})->globals.verbose);
  EXPECT_TRUE(read_line({"--alsologtostderr", "-v=8", "start"})->globals.verbose);
  EXPECT_EQ(read_line({"start", "--log_dir", "/tmp/x"})->globals.log_folder, "/tmp/x");
  EXPECT_EQ(call({"start", "-n=3"})->args.text("nodes"), "3");
  EXPECT_EQ(call({"ssh", "--", "ls", "-v", "5"})->args.words, (std::vector<std::string>{"ls", "-v", "5"}));
}

// The table of docs/minikube.md. SKIFF_UPDATE_GOLDEN=1 writes it anew.
std::string table() {
  const auto commands = all_commands();
  std::string out =
      "| minikube | with effect | asks for what is so anyway | no effect, and says so | refused, with what to use |\n"
      "|---|---|---|---|---|\n";
  std::map<std::string, int> counts;
  for (const auto& [name, flags] : reference()) {
    const Command* command = command_of(commands, name);
    if (command == nullptr && name != "*") {
      out += "| " + name + " | | | | " + replace_all(missing_of(name)->instead, "|", "\\|") + " |\n";
      ++counts["missing"];
      continue;
    }
    std::map<std::string, std::string> cells;
    for (const auto& flag : flags) {
      const std::string how = treatment(command, name, flag);
      std::string& cell = cells[how];
      cell += (cell.empty() ? "" : ", ") + ("`--" + flag + "`");
      ++counts[how];
    }
    ++counts["commands"];
    out += "| " + (name == "*" ? "every command" : name) + " | " + cells["effect"] + " | " + cells["met"] + " | " +
           cells["no effect"] + " | " + cells["refused"] + " |\n";
  }
  --counts["commands"];  // "*" is none
  const auto number = [&](const char* what) { return std::to_string(counts[what]); };
  return "In numbers: " + number("commands") + " of its commands are here and " + number("missing") +
         " are refused; of the flags of those that are here " + number("effect") + " have their effect, " +
         number("met") + " ask for what is so anyway, " + number("no effect") + " have none and say so, and " +
         number("refused") + " are refused.\n\n" + out;
}

TEST(Habits, TheDocumentsTableIsTrue) {
  const std::string path = "docs/minikube.md";
  const std::string text = file(path);
  constexpr std::string_view begin = "<!-- table -->\n";
  constexpr std::string_view end = "<!-- end of table -->\n";
  const auto from = text.find(begin);
  const auto to = text.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const auto start = from + begin.size();
  if (std::getenv("SKIFF_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(SKIFF_SOURCE_DIR + ("/" + path)) << text.substr(0, start) << table() << text.substr(to);
    return;
  }
  EXPECT_EQ(text.substr(start, to - start), table());
}

}  // namespace
}  // namespace skiff::cli
