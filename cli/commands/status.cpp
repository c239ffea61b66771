#include "cluster/status.h"

#include "cli/columns.h"
#include "cli/command.h"

namespace skiff::cli {
namespace {

JsonObject data_of(const cluster::ClusterStatus& status) {
  JsonArray nodes;
  for (const auto& node : status.nodes) {
    nodes.push_back(JsonObject{{"name", node.name},
                               {"role", to_string(node.role)},
                               {"host", node.host},
                               {"kubelet", node.kubelet},
                               {"address", to_string(node.address)}});
  }
  return {{"profile", status.profile},
          {"driver", status.driver},
          {"kubernetes_version", status.kubernetes_version},
          {"api_server", status.api_server},
          {"kubeconfig", status.kubeconfig},
          {"nodes", std::move(nodes)}};
}

std::string text_of(const cluster::ClusterStatus& status) {
  std::vector<std::vector<std::string>> nodes = {{"NODE", "ROLE", "HOST", "KUBELET", "ADDRESS"}};
  for (const auto& node : status.nodes) {
    nodes.push_back({node.name, std::string(to_string(node.role)), node.host, node.kubelet, to_string(node.address)});
  }
  return to_columns({{"Profile", status.profile},
                     {"Driver", status.driver},
                     {"Kubernetes", status.kubernetes_version},
                     {"API server", status.api_server},
                     {"kubeconfig", status.kubeconfig}}) +
         "\n" + to_columns(nodes);
}

Result<Answer> run(Session& session, const Args&) {
  const auto status = TRY(cluster::status(session.ctx, session.home, TRY(session.profile())));
  return Answer{.text = text_of(status), .data = data_of(status), .exit_code = status.exit_code()};
}

}  // namespace

Command status_command() {
  return {
      .name = "status",
      .group = Group::cluster,
      .summary = "Show what is true of a cluster right now",
      .help =
          "Exit code: 0 when all is well, else the sum of\n"
          "  1   a node's host does not run\n"
          "  2   the API server does not run, or refuses\n"
          "  4   the kubeconfig does not lead to a running API server\n"
          "  8   a node that runs is not Ready, or the API has no such node (Missing)\n"
          "  16  something did not answer within five seconds: it is Unknown, neither well nor ill\n\n"
          "Example\n  skiff status -p lab -o json",
      .run = run,
  };
}

}  // namespace skiff::cli
