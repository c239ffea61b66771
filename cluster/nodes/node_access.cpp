#include "cluster/nodes/node_access.h"

#include <algorithm>

#include "base/strings.h"

namespace skiff::cluster {
namespace {

// A service's log is a folder of files that are rotated; the link beside it names the current one. (In nodes of an
// image of before that, it is one file.)
constexpr auto last_lines =
    R"(cd /var/log; for old in "$1"/@*; do [ ! -e "$old" ] || set -- "$@" "$old"; done
service=$1 lines=$2; shift 2; exec cat "$@" "$service.log" | tail -n "$lines")";

}  // namespace

Result<std::vector<drivers::ObservedNode>> all_or_no_nodes(const Context& ctx, const Opened& profile) {
  auto nodes = TRY(profile.driver->nodes(ctx, identity_of(profile.spec)));
  std::erase_if(nodes, [](const auto& node) { return node.state != drivers::NodeState::running; });
  const auto wanted = profile.spec.nodes.size();
  if (nodes.empty() || nodes.size() >= wanted) return nodes;
  return make_error(ErrorId::cluster_not_running,
                    "Only " + std::to_string(nodes.size()) + " of " + std::to_string(wanted) + " nodes run",
                    "Start the others with 'skiff start -p " + profile.spec.profile + "'");
}

Result<drivers::NodeId> find_node(const Context& ctx, const Opened& profile, const std::string& name) {
  const std::string& cluster = profile.spec.profile;
  const std::string wanted = name.empty() ? nodes_of(profile.spec).front().name : name;
  std::vector<std::string> known;
  for (const auto& node : TRY(profile.driver->nodes(ctx, identity_of(profile.spec)))) {
    known.push_back(node.id.name);
    if (node.id.name != wanted && node.id.name != cluster + "-" + wanted) continue;
    if (node.state == drivers::NodeState::running) return node.id;
    return make_error(ErrorId::cluster_not_running, "The node " + node.id.name + " does not run",
                      "Start it with 'skiff start -p " + cluster + "'");
  }
  if (known.empty()) {
    return make_error(ErrorId::cluster_not_running, "The cluster '" + cluster + "' has no nodes",
                      "Start it with 'skiff start -p " + cluster + "'");
  }
  return make_error(ErrorId::node_not_found, "There is no node '" + wanted + "'" + did_you_mean(wanted, known));
}

Result<std::string> logs(const Context& ctx, const Home& home, const std::string& profile, const LogOptions& options) {
  const auto opened = TRY(open_profile(home, profile));
  const auto id = TRY(find_node(ctx, opened, options.node));
  const auto listed = TRY(capture(ctx, *opened.driver, id, {"ls", "/var/log"}));
  std::vector<std::string> known;
  for (const auto& file : split(trim(listed.out), '\n')) {
    if (file.ends_with(".log")) known.push_back(file.substr(0, file.size() - 4));
  }
  std::string text;
  for (const auto& service : known) {
    if (!options.service.empty() && service != options.service) continue;
    const auto tail =
        TRY(capture(ctx, *opened.driver, id, {"sh", "-c", last_lines, "sh", service, std::to_string(options.lines)}));
    if (options.service.empty()) text += "==> " + service + " <==\n";
    text += tail.out;
  }
  if (text.empty() && !options.service.empty() && std::ranges::find(known, options.service) == known.end()) {
    return make_error(ErrorId::usage, "The node " + id.name + " has no service '" + options.service + "'" +
                                          did_you_mean(options.service, known));
  }
  return text;
}

}  // namespace skiff::cluster
