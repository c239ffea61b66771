// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session&, const Args&) {
  return make_error(ErrorId::unsupported, "Nodes run no SSH server, so there is no host key to know",
                    "Use 'skiff ssh' for a shell or a command, and 'skiff cp' for files: they go by the driver");
}

}  // namespace

Command ssh_host_command() {
  return {
      .name = "ssh-host",
      .group = Group::nodes,
      .summary = "Say how nodes are reached: not by SSH, so there are no host keys",
      .help = "Example\n  skiff ssh -n w1 -- uname -a    in place of a login of your own",
      .flags = {{"node", 'n', "NODE", "accepted for habit"}},
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
