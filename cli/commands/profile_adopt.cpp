// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/store/ownership.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  cluster::Adoption adoption;
  adoption.profile = args.words[0];
  adoption.driver = args.text("driver").value_or("");
  adoption.driver_uri = args.text("libvirt-uri").value_or("");
  if (!adoption.driver_uri.empty() && adoption.driver.empty()) adoption.driver = "libvirt";
  adoption.force = args.has("force");
  const auto adopted = TRY(cluster::adopt(session.ctx, session.home, adoption));
  const std::string& name = adopted.spec.profile;
  const std::string owner = adopted.former_owner.empty() ? "somebody unknown" : adopted.former_owner;
  return Answer{.message = "The cluster '" + name + "', made by " + owner + ", is this home's too. 'skiff start -p " +
                           name + "' starts it and adds it to the kubeconfig.",
                .data = {{"profile", name}, {"driver", adopted.spec.driver}, {"former_owner", adopted.former_owner}}};
}

}  // namespace

Command profile_adopt_command() {
  return {
      .name = "profile adopt",
      .group = Group::cluster,
      .summary = "Make the profile of a cluster that another home made",
      .help =
          "For a cluster whose ~/.skiff is lost, or that was made with sudo or from another SKIFF_HOME: reads from its "
          "control\n"
          "plane's node what the profile has to hold, and tells whose it was. Both homes can work with it then, so let "
          "the\n"
          "other one know.\n\n"
          "Examples\n"
          "  skiff profile list            whose clusters are there?\n"
          "  skiff profile adopt lab",
      .positionals = {"NAME", 1, 1},
      .flags = {{"driver", 'd', "NAME", "where it is, when several drivers have one of that name"},
                {"libvirt-uri", 0, "URI", "the libvirt that has it, when it is not this host's"},
                {"force", 0, "", "also when this home's profile of that name is of another cluster"}},
      .run = run,
  };
}

}  // namespace skiff::cli
