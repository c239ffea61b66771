#include "cluster/images/node_images.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>

#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/half_file.h"
#include "cluster/images/image_archive.h"
#include "cluster/images/image_name.h"
#include "cluster/images/image_source.h"
#include "cluster/nodes/node_access.h"
#include "kube/objects.h"
#include "sys/unique_fd.h"

namespace skiff::cluster {
namespace {

// All nodes; cluster_not_running when one of them does not run.
Result<std::vector<drivers::NodeId>> running_nodes(const Context& ctx, const Cluster& cluster) {
  std::vector<drivers::NodeId> ids;
  for (auto& node : TRY(all_or_no_nodes(ctx, cluster))) ids.push_back(std::move(node.id));
  if (!ids.empty()) return ids;
  return make_error(ErrorId::cluster_not_running, "The cluster '" + cluster.spec.profile + "' does not run",
                    "Start it with 'skiff start -p " + cluster.spec.profile + "'");
}

// The names of a node's images, without those that are only hashes; of those alone that match a filter of containerd.
Result<std::set<std::string>> images_of(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                                        const std::string& filter = "") {
  std::set<std::string> names;
  const auto listed = TRY(capture(ctx, driver, id, {"ctr", "--namespace=k8s.io", "images", "list", "--quiet", filter}));
  for (const auto& name : split(trim(listed.out), '\n')) {
    if (!name.empty() && !name.starts_with("sha256:") && name.find('@') == std::string::npos) names.insert(name);
  }
  return names;
}

Result<void> export_images(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                           const std::set<std::string>& names, const std::string& archive) {
  std::ofstream file(archive, std::ios::binary);
  if (!file) return make_error(ErrorId::host_error, "Cannot write " + archive);
  std::string words;
  drivers::ExecRequest request;
  request.argv = {"ctr", "--namespace=k8s.io", "images", "export", "--local", "-"};
  request.argv.insert(request.argv.end(), names.begin(), names.end());
  request.out = [&](std::string_view piece) { file.write(piece.data(), static_cast<std::streamsize>(piece.size())); };
  request.err = [&](std::string_view text) { words += text; };
  const int code = TRY(driver.exec(ctx, id, request));
  file.close();
  if (code != 0) {
    return make_error(ErrorId::node_command_failed,
                      "The node " + id.name + " could not give its images: " + std::string(trim(words)));
  }
  if (!file) return make_error(ErrorId::disk_full, "Cannot write " + archive);
  return {};
}

// What ctr has said, its warnings (each "time=... level=warning ...") last: they are seldom the cause.
std::string words_of_ctr(std::string_view words) {
  std::string errors;
  std::string warnings;
  for (const auto& line : split(trim(words), '\n')) {
    const bool warning =
        line.find("level=warning") != std::string::npos || line.find("level=info") != std::string::npos;
    (warning ? warnings : errors) += line + "\n";
  }
  return std::string(trim(errors.empty() ? warnings : errors));
}

using Pieces = std::function<Result<std::string>(const Context&)>;

Result<void> import_pieces(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id, const Pieces& pieces,
                           const std::vector<std::string>& arguments) {
  std::string words;
  drivers::ExecRequest request;
  request.argv = {"ctr", "--namespace=k8s.io", "images", "import", "--local", "--snapshotter=overlayfs"};
  request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
  request.argv.emplace_back("-");
  request.in = pieces;
  request.out = request.err = [&](std::string_view text) { words += text; };
  const int code = TRY(driver.exec(ctx, id, request));
  if (code == 0) return {};
  Error error = make_error(ErrorId::node_command_failed, "The node " + id.name + " could not take the image");
  error.trail.push_back(words_of_ctr(words));
  return error;
}

Result<void> check_present(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                           const std::vector<std::string>& names) {
  const auto present = TRY(images_of(ctx, driver, id));
  for (const auto& name : names) {
    if (present.contains(name)) continue;
    return make_error(ErrorId::node_command_failed, "The node " + id.name + " took the image, but has no " + name);
  }
  return {};
}

// What `from` has and they lack; images of addons are left to provide_images(). node_command_failed, disk_full.
Result<void> share_images(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& from,
                          const std::vector<drivers::NodeId>& nodes) {
  std::mutex mutex;
  auto all = TRY(images_of(ctx, driver, from));
  for (const auto& name : TRY(images_of(ctx, driver, from, "labels.\"" + std::string(content_label) + "\"")))
    all.erase(name);
  std::set<std::string> missing;
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::NodeId& id) -> Result<void> {
    const auto present = TRY(images_of(c, driver, id));
    const std::lock_guard lock(mutex);
    std::ranges::set_difference(all, present, std::inserter(missing, missing.end()));
    return {};
  }));
  if (missing.empty()) return {};
  Step step(*ctx.events, "images", "Copying " + std::to_string(missing.size()) + " images from " + from.name);
  const auto archive = TRY(temporary_archive());
  TRY(export_images(ctx, driver, from, missing, archive.path()));
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::NodeId& id) {
    return import_archive(c, driver, id, archive.path());
  }));
  step.done();
  return {};
}

}  // namespace

Result<void> import_archive(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                            const std::string& archive, const std::vector<std::string>& arguments) {
  const sys::UniqueFd fd(::open(archive.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return make_error(ErrorId::host_error, "Cannot read " + archive);
  const auto pieces = [&](const Context&) -> Result<std::string> {
    std::string piece(1 << 20, '\0');
    const ssize_t size = ::read(fd.get(), piece.data(), piece.size());
    if (size < 0) return make_error(ErrorId::host_error, "Cannot read " + archive);
    piece.resize(static_cast<std::size_t>(size));
    return piece;
  };
  return import_pieces(ctx, driver, id, pieces, arguments);
}

Result<std::vector<std::string>> load_image(const Context& ctx, const Home& home, const std::string& profile,
                                            const std::string& image_or_file, const std::optional<std::string>& name) {
  if (name) TRY(full_image_name(*name));
  const auto opened = TRY(open_profile(home, profile));
  const auto nodes = TRY(running_nodes(ctx, opened));
  Step step(
      *ctx.events, "image-load",
      "Loading " + image_or_file + " into " + std::to_string(nodes.size()) + (nodes.size() == 1 ? " node" : " nodes"));
  const auto archive = TRY(local_archive(ctx, image_or_file, name.has_value()));
  const auto choice =
      TRY(choose_images(TRY(read_contents(archive.path())), image_or_file, kube::node_architecture(), name));
  for (const auto& what : choice.left_out) ctx.events->warning("Not loaded: " + what);
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::NodeId& id) -> Result<void> {
    auto stream = TRY(ImageStream::open(archive.path(), choice));
    TRY(import_pieces(c, *opened.driver, id, [&](const Context&) { return stream.next(); }, {}));
    return check_present(c, *opened.driver, id, choice.names);
  }));
  step.done();
  std::vector<std::string> names;
  for (const auto& full : choice.names) names.push_back(short_image_name(full));
  return names;
}

namespace {

struct Holders {
  Cluster opened;
  std::string name;  // in full
  std::vector<drivers::NodeId> nodes;
};
// The nodes that have the image; image_not_found when none has.
Result<Holders> holders_of(const Context& ctx, const Home& home, const std::string& profile, const std::string& name) {
  Holders holders{TRY(open_profile(home, profile)), TRY(full_image_name(name)), {}};
  std::set<std::string> known;
  for (const auto& id : TRY(running_nodes(ctx, holders.opened))) {
    const auto names = TRY(images_of(ctx, *holders.opened.driver, id));
    if (names.contains(holders.name)) holders.nodes.push_back(id);
    for (const auto& each : names) known.insert(short_image_name(each));
  }
  if (!holders.nodes.empty()) return holders;
  const std::vector<std::string> all(known.begin(), known.end());
  return make_error(ErrorId::image_not_found, "No node has an image '" + name + "'" + did_you_mean(name, all),
                    "'skiff image ls' lists those that there are");
}

Result<void> run_in(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                    const std::vector<std::string>& argv, const std::string& what) {
  return parallel_for(ctx, nodes, [&](const Context& c, const drivers::NodeId& id) -> Result<void> {
    const auto done = TRY(capture(c, driver, id, argv));
    if (done.exit_code == 0) return {};
    Error error = make_error(ErrorId::node_command_failed, "The node " + id.name + " could not " + what);
    error.trail.push_back(words_of_ctr(done.err.empty() ? done.out : done.err));
    return error;
  });
}

// The runtime's own removal takes all names of an image, and is the only one that frees what it held.
constexpr auto remove_name = R"(tags=$(crictl inspecti -o go-template --template '{{len .status.repoTags}}' "$1")
if [ "$tags" -gt 1 ]; then exec ctr --namespace=k8s.io images rm --sync "$1"; else exec crictl rmi "$1"; fi)";

}  // namespace

Result<void> remove_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name) {
  const auto [opened, full, nodes] = TRY(holders_of(ctx, home, profile, name));
  return run_in(ctx, *opened.driver, nodes, {"sh", "-c", remove_name, "sh", full}, "remove " + name);
}

Result<void> tag_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name,
                       const std::string& other) {
  const std::string tag = TRY(full_image_name(other));
  const auto [opened, full, nodes] = TRY(holders_of(ctx, home, profile, name));
  return run_in(ctx, *opened.driver, nodes, {"ctr", "--namespace=k8s.io", "images", "tag", "--force", full, tag},
                "name " + name + " so");
}

Result<void> pull_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name) {
  const std::string full = TRY(full_image_name(name));
  const auto opened = TRY(open_profile(home, profile));
  const auto nodes = TRY(running_nodes(ctx, opened));
  Step step(*ctx.events, "image-pull", "Pulling " + name);
  TRY(run_in(ctx, *opened.driver, nodes, {"crictl", "pull", full}, "pull " + name));
  step.done();
  return {};
}

Result<void> save_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name,
                        const std::string& file) {
  const auto [opened, full, nodes] = TRY(holders_of(ctx, home, profile, name));
  Step step(*ctx.events, "image-save", "Saving " + name);
  const HalfFile half(file);
  TRY(export_images(ctx, *opened.driver, nodes.front(), {full}, half.path()));
  TRY(half.take_place(/*executable=*/false));
  step.done();
  return {};
}

Result<std::vector<std::string>> list_images(const Context& ctx, const Home& home, const std::string& profile) {
  const auto opened = TRY(open_profile(home, profile));
  std::set<std::string> names;
  for (const auto& id : TRY(running_nodes(ctx, opened))) names.merge(TRY(images_of(ctx, *opened.driver, id)));
  return std::vector(names.begin(), names.end());
}

Result<void> share_images_with_new(const Context& ctx, const Cluster& cluster, const std::vector<PlannedNode>& plan) {
  const auto is_new = [](const PlannedNode& planned) { return planned.action == NodeAction::create; };
  const auto giver = std::ranges::find_if_not(plan, is_new);
  if (giver == plan.end()) return {};
  std::vector<drivers::NodeId> fresh;
  for (const auto& planned : plan) {
    if (is_new(planned)) fresh.push_back(cluster.node(planned.node.name));
  }
  if (fresh.empty()) return {};
  const auto shared = share_images(ctx, *cluster.driver, cluster.node(giver->node.name), fresh);
  if (!shared.ok()) ctx.events->warning("New nodes lack images that others have: " + shared.error().what);
  return ctx.check();
}

}  // namespace skiff::cluster
