// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/help/man_page.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args&) {
  const std::string page = man_page(session.commands);
  return Answer{.text = page, .data = {{"page", page}}};
}

}  // namespace

Command man_command() {
  return {
      .name = "__man",
      .group = Group::settings,
      .summary = "Print the manual page (the build keeps it as skiff.1)",
      .logged = false,
      .run = run,
  };
}

}  // namespace skiff::cli
