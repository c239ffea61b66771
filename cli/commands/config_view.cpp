#include "cli/command.h"
#include "cli/settings.h"
#include "cli/text/columns.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const auto settings = TRY(load_settings(session.home.folder()));
  std::vector<std::vector<std::string>> rows = {{"KEY", "VALUE", "MEANING"}};
  JsonObject values;
  for (const auto& setting : all_settings()) {
    const auto found = settings.find(std::string(setting.key));
    rows.push_back(
        {std::string(setting.key), found == settings.end() ? "-" : found->second, std::string(setting.help)});
    if (found != settings.end()) values[setting.key] = found->second;
  }
  return Answer{.text = to_columns(rows),
                .data = {{"file", settings_path(session.home.folder())}, {"settings", std::move(values)}}};
}

}  // namespace

Command config_view_command() {
  return {
      .name = "config view",
      .group = Group::settings,
      .summary = "Show all settings",
      .help = "Example\n  skiff config view -o json",
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
