#include "cli/command.h"
#include "cluster/lifecycle.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  TRY(cluster::stop(session.ctx, session.home, profile,
                    args.has("keep-memory") ? cluster::Memory::keep : cluster::Memory::drop));
  return Answer{.message = "Cluster '" + profile + "' is stopped. 'skiff start -p " + profile + "' resumes it.",
                .data = {{"profile", profile}}};
}

}  // namespace

Command stop_command() {
  return {
      .name = "stop",
      .group = Group::cluster,
      .summary = "Stop a cluster and keep everything in it",
      .help =
          "Examples\n"
          "  skiff stop -p lab\n"
          "  skiff stop -p lab --keep-memory   virtual machines: the next start goes on where this left off",
      .flags = {{"keep-memory", 0, "", "keep the nodes' memory on disk (driver libvirt)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
