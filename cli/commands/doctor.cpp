// SPDX-License-Identifier: Apache-2.0
#include "cluster/doctor.h"

#include <algorithm>

#include "cli/command.h"
#include "cli/text/columns.h"

namespace skiff::cli {
namespace {

std::string_view word_for(cluster::Verdict verdict) {
  switch (verdict) {
    case cluster::Verdict::good:
      return "good";
    case cluster::Verdict::warning:
      return "warning";
    default:
      return "bad";
  }
}

Result<Answer> run(Session& session, const Args&) {
  const auto findings = cluster::doctor(session.ctx, session.home);
  std::vector<std::vector<std::string>> rows;
  JsonArray items;
  for (const auto& finding : findings) {
    const std::string_view verdict = word_for(finding.verdict);
    rows.push_back({std::string(verdict), finding.name, finding.what});
    if (!finding.advice.empty()) rows.push_back({"", "", "-> " + finding.advice});
    items.push_back(
        JsonObject{{"name", finding.name}, {"verdict", verdict}, {"what", finding.what}, {"advice", finding.advice}});
  }
  const bool bad = std::any_of(findings.begin(), findings.end(),
                               [](const auto& finding) { return finding.verdict == cluster::Verdict::bad; });
  return Answer{.text = to_columns(rows),
                .message = bad ? "What is bad must be mended before 'skiff start' can work." : "",
                .data = {{"findings", std::move(items)}},
                .exit_code = bad ? info(ErrorId::host_error).exit_code : 0};
}

}  // namespace

Command doctor_command() {
  return {
      .name = "doctor",
      .group = Group::settings,
      .summary = "Look whether this host has what skiff needs",
      .help =
          "Each finding that is not good comes with advice. The exit code is 30 when something is bad. One driver "
          "that\n"
          "works is enough.\n\n"
          "Example\n  skiff doctor",
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
