// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/help/help.h"
#include "cli/line/flags.h"
#include "cli/text/columns.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session&, const Args&) {
  std::vector<std::vector<std::string>> rows;
  JsonArray items;
  for (const auto& flag : global_flags()) {
    rows.push_back({spelling_of(flag), std::string(flag.help)});
    items.push_back(JsonObject{{"name", flag.name}, {"value", flag.value}, {"help", flag.help}});
  }
  return Answer{.text = to_columns(rows), .data = {{"flags", std::move(items)}}};
}

}  // namespace

Command options_command() {
  return {
      .name = "options",
      .group = Group::settings,
      .summary = "List the flags that every command takes",
      .help = "Example\n  skiff options",
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
