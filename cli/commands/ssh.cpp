#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ostream>

#include "cli/command.h"
#include "cli/terminal/tty.h"
#include "cluster/nodes/node_access.h"
#include "sys/socket_stream.h"

namespace skiff::cli {
namespace {

constexpr int stdin_fd = 0;

// The command may end before its input does: waiting ends with the context.
Result<std::string> read_stdin(const Context& ctx) {
  TRY(sys::wait_ready(ctx, stdin_fd, POLLIN));
  std::array<char, 65536> buffer{};
  const ssize_t size = ::read(stdin_fd, buffer.data(), buffer.size());
  if (size < 0)
    return make_error(ErrorId::host_error, std::string("Cannot read standard input: ") + std::strerror(errno));
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

Result<Answer> run(Session& session, const Args& args) {
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  const auto node = TRY(cluster::find_node(session.ctx, opened, args.text("node").value_or("")));

  drivers::ExecRequest request;
  request.argv = args.words.empty() ? std::vector<std::string>{"bash", "-l"} : args.words;
  request.out = [&](std::string_view bytes) { session.out << bytes << std::flush; };
  request.err = [&](std::string_view bytes) { session.err << bytes << std::flush; };

  std::optional<RawMode> raw;
  if (is_terminal(stdin_fd) && (args.words.empty() || args.has("tty"))) {
    raw.emplace(TRY(RawMode::enter(stdin_fd)));
    request.tty_fd = stdin_fd;
    request.env["TERM"] = "xterm";
  } else if (args.words.empty() || args.has("stdin")) {
    request.in = read_stdin;
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
          "The exit code is the command's own.\n\n"
          "Examples\n"
          "  skiff ssh                        a shell on the control plane\n"
          "  skiff ssh -n w1 -- uname -a      one command on the first worker\n"
          "  skiff ssh -i -- tee /tmp/a <a    with this command's standard input",
      .positionals = {"[-- COMMAND...]", 0, any_number},
      .flags = {{"node", 'n', "NODE", "which node (default: the control plane)"},
                {"stdin", 'i', "", "hand standard input to the command"},
                {"tty", 't', "", "give the command this terminal, as a shell has it"}},
      .run = run,
  };
}

}  // namespace skiff::cli
