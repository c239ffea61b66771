// SPDX-License-Identifier: Apache-2.0
#include "cli/addon_arguments.h"
#include "cluster/nodes/node_access.h"
#include "sys/process.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  const auto opened = TRY(cluster::open_profile(session.home, profile));
  const auto described = TRY(cluster::describe_addon(session.home, profile, args.words.front()));
  const std::string& name = described.addon.name;
  if (described.endpoint.empty()) {
    return make_error(ErrorId::unsupported, "The addon '" + name + "' has nothing to open");
  }
  if (!described.enabled) {
    return make_error(ErrorId::addon_failed, "The addon '" + name + "' is not enabled",
                      "Enable it with 'skiff addons enable " + name + "'");
  }
  TRY(cluster::find_node(session.ctx, opened, ""));  // is it running?
  if (const auto browser = sys::find_program("xdg-open"); !args.has("url") && !browser.empty()) {
    TRY(sys::run_checked(session.ctx, {.argv = {browser, described.endpoint}}));
  }
  return Answer{.text = described.endpoint + "\n", .data = {{"addon", name}, {"url", described.endpoint}}};
}

}  // namespace

Command addons_open_command() {
  return {
      .name = "addons open",
      .group = Group::applications,
      .summary = "Open an addon in the browser, and print its URL",
      .help = "Example\n  skiff addons open ingress --url",
      .positionals = {"ADDON", 1, 1},
      .flags = {{"url", 0, "", "print the URL only"}},
      .run = run,
  };
}

}  // namespace skiff::cli
