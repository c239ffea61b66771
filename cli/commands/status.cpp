// SPDX-License-Identifier: Apache-2.0
#include "cluster/status.h"

#include <algorithm>
#include <ostream>

#include "base/go_template.h"
#include "cli/command.h"
#include "cli/terminal/terminal.h"
#include "cli/text/columns.h"
#include "cli/text/status_fields.h"
#include "cluster/nodes/node_access.h"

namespace skiff::cli {
namespace {

long long seconds_of(Duration duration) { return std::chrono::duration_cast<std::chrono::seconds>(duration).count(); }

JsonObject data_of(const cluster::ClusterStatus& status) {
  JsonArray nodes;
  for (const auto& node : status.nodes) {
    JsonObject told{{"name", node.name},
                    {"role", to_string(node.role)},
                    {"host", node.host},
                    {"kubelet", node.kubelet},
                    {"address", to_string(node.address)}};
    if (!node.api_server.empty()) {
      told["api_server"] = node.api_server;
      told["etcd"] = node.etcd;
    }
    nodes.push_back(std::move(told));
  }
  JsonObject data{{"profile", status.profile},
                  {"driver", status.driver},
                  {"kubernetes_version", status.kubernetes_version},
                  {"api_server", status.api_server},
                  {"kubeconfig", status.kubeconfig},
                  {"nodes", std::move(nodes)}};
  JsonArray mounts;
  for (const auto& mount : status.mounts) mounts.push_back(JsonObject{{"source", mount.from}, {"target", mount.to}});
  if (!mounts.empty()) data["mounts"] = std::move(mounts);
  if (status.stops_in) data["stops_in_s"] = seconds_of(*status.stops_in);
  if (!status.trouble.empty()) data["trouble"] = status.trouble;
  return data;
}

std::string text_of(const cluster::ClusterStatus& status) {
  std::vector<std::vector<std::string>> nodes = {{"NODE", "ROLE", "HOST", "KUBELET", "ADDRESS"}};
  const bool several = std::ranges::any_of(status.nodes, [](const auto& node) { return !node.api_server.empty(); });
  if (several) nodes.front().insert(nodes.front().end(), {"API", "ETCD"});
  for (const auto& node : status.nodes) {
    nodes.push_back({node.name, std::string(to_string(node.role)), node.host, node.kubelet, to_string(node.address)});
    if (!several) continue;
    const bool worker = node.api_server.empty();
    nodes.back().insert(nodes.back().end(), {worker ? "-" : node.api_server, worker ? "-" : node.etcd});
  }
  std::vector<std::vector<std::string>> facts = {{"Profile", status.profile},
                                                 {"Driver", status.driver},
                                                 {"Kubernetes", status.kubernetes_version},
                                                 {"API server", status.api_server},
                                                 {"kubeconfig", status.kubeconfig}};
  for (const auto& mount : status.mounts) facts.push_back({"Mount", to_string(mount)});
  if (!status.trouble.empty()) facts.push_back({"Trouble", status.trouble});
  if (status.stops_in) facts.push_back({"Stops in", std::to_string(seconds_of(*status.stops_in)) + " s"});
  return to_columns(facts) + "\n" + to_columns(nodes);
}

Result<Answer> look(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  auto status = TRY(cluster::status(session.ctx, session.home, profile));
  if (const auto node = args.text("node")) {
    const ClusterSpec spec = TRY(session.home.store.get(profile));
    const std::string name = name_of(spec, TRY(cluster::find_member(spec, *node)));
    std::erase_if(status.nodes, [&](const auto& each) { return each.name != name; });
  }
  Answer answer{.text = text_of(status), .data = data_of(status), .exit_code = status.exit_code()};
  if (const auto format = args.text("format")) {
    answer.text = TRY(fill_template(*format, status_fields(answer.data).front()));
    answer.data["formatted"] = answer.text;
  }
  return answer;
}

// Once more and again, until somebody ends it.
Result<Answer> watch(Session& session, const Args& args, Duration between) {
  if (session.json) {
    return make_error(ErrorId::usage, "--watch writes texts, not JSON", "Leave -o json or it out");
  }
  for (;;) {
    const auto answer = TRY(look(session, args));
    session.out << printable(answer.text) << "\n" << std::flush;
    if (const auto waited = session.ctx.pause(between); !waited.ok()) {
      return Answer{.exit_code = info(ErrorId::interrupted).exit_code};
    }
  }
}

Result<Answer> run(Session& session, const Args& args) {
  const auto between = TRY(args.duration("watch"));
  if (!between) return look(session, args);
  if (*between <= Duration::zero()) return make_error(ErrorId::usage, "--watch must be a time, such as 5s");
  return watch(session, args, *between);
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
          "  8   a node that runs is not Ready, or the API has no such node (Missing), or one of several control\n"
          "      planes does not serve\n"
          "  16  something did not answer within five seconds: it is Unknown, neither well nor ill\n\n"
          "Examples\n"
          "  skiff status -p lab -o json\n"
          "  skiff status --format '{{.Host}} {{.Kubelet}} {{.APIServer}} {{.Kubeconfig}}'",
      .flags = {{"node", 'n', "NODE", "only this node"},
                {"watch", 'w', "TIME", "show it again after each such time, such as 5s, until Ctrl-C"},
                {"format", 'f', "TEMPLATE", "a template of Go's with the fields of the first node"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
