// SPDX-License-Identifier: Apache-2.0
#include "cli/addon_arguments.h"
#include "cli/text/columns.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

std::string text_of(const Json& value) { return value.is_string() ? std::string(value.get_string()) : to_text(value); }

Result<Answer> show(Session& session, const std::string& name) {
  const auto described = TRY(cluster::describe_addon(session.home, TRY(session.profile()), name));
  std::vector<std::vector<std::string>> rows = {{"NAME", "VALUE", "DEFAULT", "WHAT"}};
  JsonArray values;
  for (const auto& value : described.addon.values) {
    const auto set = described.values.find(value.name);
    const std::string fallback = text_of(value.fallback);
    const std::string current = set == described.values.end() ? fallback : set->second;
    rows.push_back({value.name, current, fallback, value.help});
    values.push_back(JsonObject{{"name", value.name}, {"value", current}, {"default", fallback}, {"help", value.help}});
  }
  return Answer{.text = to_columns(rows), .data = {{"addon", described.addon.name}, {"values", std::move(values)}}};
}

Result<Answer> run(Session& session, const Args& args) {
  auto request = TRY(addon_request(session, args));
  request.unset = args.list("unset");
  if (const auto file = args.text("file")) {
    request.values.merge(TRY(parse_values(TRY(sys::read_file(*file)), *file)));
  }
  const bool changes =
      !request.values.empty() || !request.unset.empty() || !request.images.empty() || !request.registries.empty();
  if (!changes) return show(session, request.names.front());
  const auto change = TRY(cluster::configure_addon(session.ctx, session.home, request));
  return Answer{.message = change.applied ? "The addon '" + change.name + "' has its new values."
                                          : "The new values of '" + change.name + "' are noted down.",
                .data = change_data(change)};
}

}  // namespace

Command addons_configure_command() {
  auto flags = addon_flags();
  flags.push_back({"unset", 0, "KEY", "give a value its default again"});
  flags.push_back({"file", 'f', "FILE", "set the values of a YAML file; --set wins"});
  return {
      .name = "addons configure",
      .group = Group::applications,
      .summary = "Show or change an addon's values",
      .help =
          "An enabled addon is applied again with its new values, and keeps the old ones if it does not work.\n\n"
          "Examples\n"
          "  skiff addons configure ingress\n"
          "  skiff addons configure ingress --set statusAddress=127.0.0.1",
      .positionals = {"ADDON", 1, 1},
      .flags = flags,
      .run = run,
  };
}

}  // namespace skiff::cli
