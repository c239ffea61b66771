// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cli/text/columns.h"
#include "cluster/nodes/node_access.h"
#include "cluster/reach/agent.h"

namespace skiff::cli {
namespace {

std::string port_text(const cluster::ServicePort& port) {
  std::string text = std::to_string(port.port);
  if (port.node_port != 0) text += ":" + std::to_string(port.node_port);
  return text + "/" + std::string(net::to_string(port.protocol));
}

// The URLs at which the agent has the service.
std::vector<std::string> urls_of(const cluster::ServiceKey& key, const std::vector<cluster::PortForward>& held) {
  std::vector<std::string> urls;
  for (const auto& forward : held) {
    if (forward.service != key) continue;
    if (const auto url = cluster::url_of(forward); url.ok()) urls.push_back(*url);
  }
  return urls;
}

Result<Answer> run(Session& session, const Args& args) {
  auto live = TRY(cluster::open_running(session.ctx, session.home, TRY(session.profile())));
  const auto held = TRY(cluster::held_forwards(session.ctx, session.home, live.spec.profile));

  std::vector<std::vector<std::string>> rows = {{"NAMESPACE", "NAME", "TYPE", "PORTS", "URL"}};
  JsonArray items;
  const std::string ns = args.text("namespace").value_or("");
  for (const auto& object : TRY(live.client.list(session.ctx, cluster::service_resource, ns))) {
    const auto service = cluster::read_service(object);
    std::vector<std::string> ports;
    for (const auto& port : service.ports) ports.push_back(port_text(port));
    const auto urls = urls_of(service.key, held);
    rows.push_back({service.key.ns, service.key.name, service.type, join(ports, ","), join(urls, " ")});
    items.push_back(JsonObject{{"namespace", service.key.ns},
                               {"name", service.key.name},
                               {"type", service.type},
                               {"ports", JsonArray(ports.begin(), ports.end())},
                               {"urls", JsonArray(urls.begin(), urls.end())}});
  }
  Answer answer{.text = to_columns(rows), .data = {{"services", std::move(items)}}};
  if (cluster::awaits_agent(session.home, live.spec.profile)) {
    answer.message = "The process that held the forwards has ended. 'skiff start -p " + live.spec.profile +
                     "' brings them back, and so does the next 'skiff service'.";
  }
  return answer;
}

}  // namespace

Command service_list_command() {
  return {
      .name = "service list",
      .group = Group::applications,
      .summary = "List the services of a cluster, and their addresses on localhost",
      .help = "Example\n  skiff service list -n shop",
      .flags = {{"namespace", 'n', "NAMESPACE", "only this namespace (default: all)"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
