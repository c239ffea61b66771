// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/reach/agent.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  TRY(session.home.store.get(profile));
  const auto ns = args.text("namespace");
  std::vector<cluster::ServiceKey> of;
  for (const auto& word : args.words) of.push_back({ns.value_or("default"), word});
  if (of.empty() && ns) of.push_back({*ns, ""});
  const auto released = TRY(cluster::release_forwards(session.ctx, session.home, profile, of));
  const std::string message =
      released.empty() ? "Nothing was forwarded" : "Forwards ended: " + std::to_string(released.size());
  return Answer{.message = message, .data = {{"forwards", cluster::to_json(released)}}};
}

}  // namespace

Command service_stop_command() {
  return {
      .name = "service stop",
      .group = Group::applications,
      .summary = "End the forwards of services",
      .help =
          "Examples\n  skiff service stop web\n"
          "  skiff service stop            all of them\n"
          "  skiff service stop -n shop    all of a namespace",
      .positionals = {"[NAME...]", 0, any_number},
      .flags = {{"namespace", 'n', "NAMESPACE", "where the services are (default: default)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
