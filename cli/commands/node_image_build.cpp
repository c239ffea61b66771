// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/own_image.h"
#include "cluster/request/kubernetes_version.h"
#include "drivers/driver_table.h"
#include "images/node_image.h"
#include "images/recipe.h"

namespace skiff::cli {
namespace {

Result<std::string> driver_name(const Args& args) {
  const auto name = args.text("driver");
  if (!args.has("vm")) return name.value_or(std::string(drivers::all_drivers().front().name));
  const std::string said = name.value_or("libvirt");
  if (said == "libvirt") return said;
  return make_error(ErrorId::usage, "--vm means --driver=libvirt, not " + said, "Leave one of the two out");
}

// With `fresh`, Debian's packages of today go into the image; what was built before stays as it is when that fails.
Result<cluster::OwnImage> build(const Context& ctx, const drivers::DriverTraits& traits, const std::string& kubernetes,
                                bool fresh) {
  if (!fresh) return cluster::build_own_image(ctx, traits, kubernetes);
  const std::string before = TRY(images::renew_debian_parts());
  auto built = cluster::build_own_image(ctx, traits, kubernetes);
  if (!built.ok()) TRY(images::restore_debian_parts(before));
  return built;
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string kubernetes =
      TRY(cluster::choose_version(args.text("kubernetes-version").value_or("latest"), images::kubernetes_versions()));
  const auto driver = TRY(session.home.make_driver(TRY(driver_name(args)), args.text("libvirt-uri").value_or("")));
  TRY(driver->check(session.ctx));  // before minutes of work
  const auto built = TRY(build(session.ctx, TRY(driver->traits(session.ctx)), kubernetes, args.has("fresh")));
  TRY(driver->ensure_image(session.ctx, built.image));
  const std::string& reference = built.image.reference;
  return Answer{.message = "Done: " + reference + (built.was_cached ? " was built before." : " is built."),
                .data = {{"reference", reference},
                         {"kubectl", images::cached_node_image(kubernetes).image.kubectl},
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
          "Examples\n"
          "  skiff node-image build\n"
          "  skiff node-image build --fresh    with the Debian packages of today, for new clusters\n"
          "  skiff node-image build --vm       on a disk, with a kernel, for virtual machines\n"
          "  skiff node-image build --kubernetes-version 1.36",
      .flags = {{"driver", 'd', "NAME", "who receives the image: docker (default) or libvirt"},
                {"fresh", 0, "", "take the Debian packages of today, with their security updates"},
                {"kubernetes-version", 0, "VERSION", "another version of Kubernetes than the newest ('skiff version')"},
                {"vm", 0, "", "the image for virtual machines; the same as --driver=libvirt"},
                {"libvirt-uri", 0, "URI", "where libvirt is (default qemu:///system)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
