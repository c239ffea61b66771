// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session&, const Args&) {
  return make_error(ErrorId::unsupported, "skiff has no dashboard: none that is maintained is made of Go modules alone",
                    "Look at the cluster with 'skiff kubectl', or with a desktop program such as Headlamp or k9s; they "
                    "read the same kubeconfig");
}

}  // namespace

Command dashboard_command() {
  return {
      .name = "dashboard",
      .group = Group::applications,
      .summary = "Not available: says what to use in its place",
      .help =
          "Known from minikube. skiff's addons are built from Go modules, and no maintained dashboard is.\n\n"
          "Example\n  skiff dashboard",
      .run = run,
  };
}

}  // namespace skiff::cli
