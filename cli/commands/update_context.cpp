// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/status.h"
#include "kube/kubeconfig.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session& session, const Args& args) {
  const auto opened = TRY(cluster::open_profile(session.home, TRY(session.profile())));
  const std::string profile = opened.spec.profile;
  TRY(kube::check_user_kubeconfig(context_of(opened.spec), session.home.store.authority_certificate(profile)));
  const auto access = TRY(cluster::api_access(session.ctx, session.home, opened));
  const std::string path = kube::user_kubeconfig_path(access.name);
  const bool changed = TRY(cluster::status(session.ctx, session.home, profile)).kubeconfig != "Configured";
  TRY(kube::add_to_user_kubeconfig(session.ctx, access, args.has("keep-context")));
  return Answer{
      .message = path + (changed ? " now leads to '" : " leads to '") + profile + "'" + (changed ? "." : " already."),
      .data = {{"profile", profile},
               {"context", access.name},
               {"kubeconfig", path},
               {"server", kube::user_server_of(access)},
               {"changed", changed}}};
}

}  // namespace

Command update_context_command() {
  return {
      .name = "update-context",
      .group = Group::cluster,
      .summary = "Write the cluster into kubeconfig again",
      .help = "Example\n  skiff update-context -p lab",
      .flags = {{"keep-context", 0, "", "leave kubectl's current context alone"}},
      .run = run,
  };
}

}  // namespace skiff::cli
