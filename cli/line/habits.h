// SPDX-License-Identifier: Apache-2.0
// What people type from habit: the flags and commands of minikube's reference that skiff has not of its own. Each is
// data: another name of something here, taken in silence because skiff does just that, taken with a note because it
// means nothing here, or refused with what to use instead. docs/minikube.md has the whole table, made from this one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/line/args.h"

namespace skiff::cli {

enum class HabitKind {
  works,    // another name for what skiff has
  met,      // skiff does that anyway
  note,     // nothing here has a use of it
  refused,  // it would change what the cluster is; doing nothing would be a lie
};
std::string_view to_string(HabitKind kind);

struct Habit {
  std::string_view command;  // "start"; empty = any, taken before the command is known
  Flag flag;
  HabitKind kind = HabitKind::note;
  std::string_view text;           // why, in one line; for `refused`: what to use instead
  std::string_view harmless = {};  // values that ask for what is so anyway: "auto,containerd"
};
std::span<const Habit> all_habits();
// The flags that are taken for this command beside its own.
std::vector<Flag> habit_flags(std::string_view command, std::span<const Flag> own);

// What is to be said of the habits among these flags, one line each; unsupported for the first that is refused.
Result<std::vector<std::string>> judge_habits(std::string_view command, const Args& args);

// A command of minikube that skiff has not.
struct MissingCommand {
  std::string_view name;
  std::string_view instead;
};
std::span<const MissingCommand> missing_commands();

// What a command is called here that has a second name ("image list").
std::string_view full_name(std::string_view command);

}  // namespace skiff::cli
