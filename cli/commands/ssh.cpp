// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/command.h"
#include "cli/terminal/tty.h"
#include "cluster/nodes/node_access.h"
#include "cluster/nodes/shell.h"
#include "sys/net/socket_stream.h"

namespace skiff::cli {
namespace {

constexpr int stdin_fd = 0;

Result<Answer> run(Session& session, const Args& args) {
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  const auto node = TRY(cluster::find_node(session.ctx, opened, args.text("node").value_or("")));

  drivers::ExecRequest request;
  request.argv = cluster::login_command(args.words);
  request.out = [&](std::string_view bytes) { session.out << bytes << std::flush; };
  request.err = [&](std::string_view bytes) { session.err << bytes << std::flush; };

  std::optional<RawMode> raw;
  if (is_terminal(stdin_fd) && (args.words.empty() || args.has("tty"))) {
    raw.emplace(TRY(RawMode::enter(stdin_fd)));
    request.tty_fd = stdin_fd;
    request.env["TERM"] = "xterm";
  } else if (args.words.empty() || args.has("stdin") || carries_input(stdin_fd)) {
    request.in = [](const Context& ctx) { return read_some(ctx, stdin_fd); };
  }
  return Answer{.exit_code = TRY(opened.driver->exec(session.ctx, node, request))};
}

}  // namespace

Command ssh_command() {
  return {
      .name = "ssh",
      .group = Group::nodes,
      .summary = "Open a shell in a node, or run one command there",
      .help =
          "The words of a command are joined with spaces and run by a login shell in the node, as ssh does it: quote\n"
          "what this host's shell is to leave alone. The exit code is the command's own. A pipe or a file on standard\n"
          "input goes to the command; in a loop that reads one itself, write '</dev/null' after the command.\n\n"
          "Examples\n"
          "  skiff ssh                              a shell on the control plane\n"
          "  skiff ssh \"sudo crictl images\"         one command\n"
          "  skiff ssh -n w1 -- ls -la /var/log     with flags of its own, on the first worker\n"
          "  skiff ssh \"ps aux | grep kubelet\"      a pipe in the node\n"
          "  skiff ssh \"cat >/tmp/a\" <a            with this command's standard input",
      .positionals = {"[-- COMMAND...]", 0, any_number},
      .flags = {{"node", 'n', "NODE", "which node (default: the control plane)"},
                {"stdin", 'i', "", "hand standard input to the command, also what is typed at a terminal"},
                {"tty", 't', "", "give the command this terminal, as a shell has it"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
