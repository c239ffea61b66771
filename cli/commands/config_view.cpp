// SPDX-License-Identifier: Apache-2.0
#include "base/go_template.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/text/columns.h"

namespace skiff::cli {
namespace {

// One line for each setting that was made.
Result<std::string> formatted(const std::string& format, const Settings& settings) {
  std::string text;
  for (const auto& [key, value] : settings) {
    text += TRY(fill_template(format, {{"ConfigKey", key}, {"ConfigValue", value}}));
    if (!text.ends_with('\n')) text += '\n';
  }
  return text;
}

Result<Answer> run(Session& session, const Args& args) {
  const auto settings = TRY(load_settings(session.home.folder()));
  std::vector<std::vector<std::string>> rows = {{"KEY", "VALUE", "MEANING"}};
  JsonObject values;
  for (const auto& setting : all_settings()) {
    const auto found = settings.find(std::string(setting.key));
    rows.push_back(
        {std::string(setting.key), found == settings.end() ? "-" : found->second, std::string(setting.help)});
    if (found != settings.end()) values[setting.key] = found->second;
  }
  const auto format = args.text("format");
  return Answer{.text = format ? TRY(formatted(*format, settings)) : to_columns(rows),
                .data = {{"file", settings_path(session.home.folder())}, {"settings", std::move(values)}}};
}

}  // namespace

Command config_view_command() {
  return {
      .name = "config view",
      .group = Group::settings,
      .summary = "Show all settings",
      .help = "Examples\n  skiff config view -o json\n  skiff config view --format '{{.ConfigKey}}={{.ConfigValue}}'",
      .flags = {{"format", 0, "TEMPLATE", "a template of Go's for each setting that was made"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
