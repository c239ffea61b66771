// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "cli/command.h"
#include "net/helper/privileged_helper.h"
#include "sys/env.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  TRY(net::check_system_hosts_file());
  if (args.has("detached")) {
    TRY(net::serve_privileged_requests(session.ctx, sys::UniqueFd(STDIN_FILENO), net::system_hosts_file));
  } else {
    TRY(net::detach_privileged_helper({sys::executable(), "__helper", "--detached"}));
  }
  return Answer{};
}

}  // namespace

// A sudoers rule may name exactly this command line: it takes no word that could widen what it does.
Command helper_command() {
  return {
      .name = "__helper",
      .summary = "Bind low ports and edit /etc/hosts as root (skiff starts this by itself)",
      .flags = {{"detached", 0, "", "serve the socket on standard input"}},
      .logged = false,
      .run = run,
  };
}

}  // namespace skiff::cli
