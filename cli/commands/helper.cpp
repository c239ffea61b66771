#include <unistd.h>

#include "cli/command.h"
#include "net/privileged_helper.h"
#include "sys/env.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto hosts_file = args.text("hosts-file");
  if (!hosts_file) return make_error(ErrorId::usage, "skiff starts its helper by itself, with --hosts-file");
  if (args.has("detached")) {
    TRY(net::serve_privileged_requests(session.ctx, net::UniqueFd(STDIN_FILENO), *hosts_file));
  } else {
    TRY(net::detach_privileged_helper({sys::executable(), "__helper", "--hosts-file", *hosts_file, "--detached"}));
  }
  return Answer{};
}

}  // namespace

Command helper_command() {
  return {
      .name = "__helper",
      .summary = "Bind low ports and edit the hosts file as root (skiff starts this by itself)",
      .flags = {{"hosts-file", 0, "FILE", "the hosts file that it may edit"},
                {"detached", 0, "", "serve the socket on standard input"}},
      .logged = false,
      .run = run,
  };
}

}  // namespace skiff::cli
