#include "cluster/node_access.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/image_source.h"

namespace skiff::cluster {
namespace {

// All nodes; cluster_not_running when one of them does not run.
Result<std::vector<drivers::NodeId>> running_nodes(const Context& ctx, const Opened& profile) {
  std::vector<drivers::NodeId> ids;
  for (auto& node : TRY(all_or_no_nodes(ctx, profile))) ids.push_back(std::move(node.id));
  if (!ids.empty()) return ids;
  return make_error(ErrorId::cluster_not_running, "The cluster '" + profile.spec.profile + "' does not run",
                    "Start it with 'skiff start -p " + profile.spec.profile + "'");
}

}  // namespace

Result<std::vector<drivers::ObservedNode>> all_or_no_nodes(const Context& ctx, const Opened& profile) {
  auto nodes = TRY(profile.driver->nodes(ctx, profile.spec.profile));
  std::erase_if(nodes, [](const auto& node) { return node.state != drivers::NodeState::running; });
  const auto wanted = static_cast<std::size_t>(profile.spec.nodes);
  if (nodes.empty() || nodes.size() >= wanted) return nodes;
  return make_error(ErrorId::cluster_not_running,
                    "Only " + std::to_string(nodes.size()) + " of " + std::to_string(wanted) + " nodes run",
                    "Start the others with 'skiff start -p " + profile.spec.profile + "'");
}

Result<void> import_archive(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                            const std::string& archive, const std::vector<std::string>& arguments) {
  const int fd = ::open(archive.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return make_error(ErrorId::host_error, "Cannot read " + archive);
  const std::unique_ptr<const int, void (*)(const int*)> closer(&fd, [](const int* open) { ::close(*open); });

  std::string words;
  drivers::ExecRequest request;
  request.argv = {"ctr", "--namespace=k8s.io", "images", "import", "--local", "--snapshotter=overlayfs"};
  request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
  request.argv.emplace_back("-");
  request.in = [&](const Context&) -> Result<std::string> {
    std::string piece(1 << 20, '\0');
    const ssize_t size = ::read(fd, piece.data(), piece.size());
    if (size < 0) return make_error(ErrorId::host_error, "Cannot read " + archive);
    piece.resize(static_cast<std::size_t>(size));
    return piece;
  };
  request.out = request.err = [&](std::string_view text) { words += text; };
  const int code = TRY(driver.exec(ctx, id, request));
  if (code == 0) return {};
  Error error = make_error(ErrorId::node_command_failed, "The node " + id.name + " could not take the image");
  error.trail.emplace_back(trim(words));
  return error;
}

Result<drivers::NodeId> find_node(const Context& ctx, const Opened& profile, const std::string& name) {
  const std::string& cluster = profile.spec.profile;
  const std::string wanted = name.empty() ? nodes_of(profile.spec).front().name : name;
  std::vector<std::string> known;
  for (const auto& node : TRY(profile.driver->nodes(ctx, cluster))) {
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

Result<void> load_image(const Context& ctx, const Services& services, const std::string& profile,
                        const std::string& image_or_file) {
  const auto opened = TRY(open_profile(services, profile));
  const auto nodes = TRY(running_nodes(ctx, opened));
  Step step(*ctx.events, "image-load", "Loading " + image_or_file + " into " + std::to_string(nodes.size()) + " nodes");
  const auto archive = TRY(local_archive(ctx, image_or_file));
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::NodeId& id) {
    return import_archive(c, *opened.driver, id, archive.path());
  }));
  step.done();
  return {};
}

Result<std::vector<std::string>> list_images(const Context& ctx, const Services& services, const std::string& profile) {
  const auto opened = TRY(open_profile(services, profile));
  std::set<std::string> names;
  for (const auto& id : TRY(running_nodes(ctx, opened))) {
    const auto listed =
        TRY(capture(ctx, *opened.driver, id, {"ctr", "--namespace=k8s.io", "images", "list", "--quiet"}));
    for (const auto& name : split(trim(listed.out), '\n')) {
      if (!name.empty() && !name.starts_with("sha256:") && name.find('@') == std::string::npos) names.insert(name);
    }
  }
  return std::vector(names.begin(), names.end());
}

Result<std::string> logs(const Context& ctx, const Services& services, const std::string& profile,
                         const LogOptions& options) {
  const auto opened = TRY(open_profile(services, profile));
  const auto id = TRY(find_node(ctx, opened, options.node));
  const auto listed = TRY(capture(ctx, *opened.driver, id, {"ls", "/var/log"}));
  std::vector<std::string> known;
  for (const auto& file : split(trim(listed.out), '\n')) {
    if (file.ends_with(".log")) known.push_back(file.substr(0, file.size() - 4));
  }
  std::string text;
  for (const auto& service : known) {
    if (!options.service.empty() && service != options.service) continue;
    const auto tail = TRY(capture(ctx, *opened.driver, id,
                                  {"tail", "-n", std::to_string(options.lines), "/var/log/" + service + ".log"}));
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
