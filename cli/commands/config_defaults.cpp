// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "drivers/driver_table.h"
#include "model/versions.h"

namespace skiff::cli {
namespace {

// What a start takes when nobody says anything, first, and what else it could be where there is a list.
std::vector<std::string> values_of(std::string_view key) {
  if (key == "driver") {
    std::vector<std::string> names;
    for (const auto& driver : drivers::all_drivers()) names.emplace_back(driver.name);
    return names;
  }
  if (key == "profile") return {"skiff"};
  if (key == "nodes") return {"1"};
  if (key == "kubernetes-version") return {std::string(versions::kubernetes)};
  if (key == "disk-size") return {"20g"};
  return {};  // no limit, or what the driver finds right
}

Result<Answer> run(Session&, const Args& args) {
  const std::string& key = args.words[0];
  TRY(find_setting(key));
  const auto values = values_of(key);
  Answer answer{.data = {{"key", key}, {"defaults", JsonArray(values.begin(), values.end())}}};
  for (const auto& value : values) answer.text += value + "\n";
  if (values.empty())
    answer.message = "'" + key + "' has no default of its own: 'skiff start --help' tells what holds.";
  return answer;
}

}  // namespace

Command config_defaults_command() {
  return {
      .name = "config defaults",
      .group = Group::settings,
      .summary = "Print the default of one setting, and the other values that it may have",
      .help = "Example\n  skiff config defaults driver",
      .positionals = {"KEY", 1, 1},
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
