#include "cli/command.h"
#include "drivers/driver_table.h"
#include "images/node_image.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const std::string name = args.text("driver").value_or(std::string(drivers::all_drivers().front().name));
  const auto driver = TRY(session.services.make_driver(name));
  TRY(driver->check(session.ctx));  // before minutes of work
  const auto built = TRY(images::build_node_image(session.ctx));
  TRY(driver->ensure_image(session.ctx, {built.reference, built.rootfs_tar}));
  return Answer{.message = "Done: " + built.reference + (built.was_cached ? " was built before." : " is built."),
                .data = {{"reference", built.reference},
                         {"rootfs", built.rootfs_tar},
                         {"kubectl", built.kubectl},
                         {"was_cached", built.was_cached}}};
}

}  // namespace

Command node_image_build_command() {
  return {
      .name = "node-image build",
      .group = Group::images,
      .summary = "Build the image that nodes are made from",
      .help =
          "Compiles Kubernetes, containerd and CoreDNS from source. Ten minutes at first; parts that have not\n"
          "changed are never built again. It may be stopped with Ctrl-C and run again.\n\n"
          "Example\n  skiff node-image build",
      .flags = {{"driver", 'd', "NAME", "who receives the image: docker"}},
      .run = run,
  };
}

}  // namespace skiff::cli
