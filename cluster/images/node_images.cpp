// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/node_images.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>

#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/images/image_name.h"
#include "cluster/images/image_source.h"
#include "cluster/images/image_stream.h"
#include "cluster/images/node_talks.h"
#include "cluster/nodes/node_access.h"
#include "cluster/store/half_file.h"
#include "cluster/store/registry_logins.h"
#include "cluster/store/temporary.h"
#include "drivers/docker/save_image.h"
#include "model/architecture.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

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
                           const std::set<std::string>& names, const Sink& sink) {
  std::string words;
  Result<void> taken;
  drivers::ExecRequest request;
  request.argv = {"ctr", "--namespace=k8s.io", "images", "export", "--local", "-"};
  request.argv.insert(request.argv.end(), names.begin(), names.end());
  request.out = [&](std::string_view piece) {
    if (taken.ok()) taken = sink(piece);
  };
  request.err = [&](std::string_view text) { words += text; };
  const int code = TRY(driver.exec(ctx, id, request));
  if (!taken.ok()) return taken;
  if (code == 0) return {};
  return make_error(ErrorId::node_command_failed,
                    "The node " + id.name + " could not give its images: " + std::string(trim(words)));
}

// What `from` has and they lack; images of addons are left to provide_images(). node_command_failed, disk_full.
Result<void> share_images(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& from,
                          const std::vector<drivers::NodeId>& nodes) {
  auto all = TRY(images_of(ctx, driver, from));
  for (const auto& name : TRY(images_of(ctx, driver, from, "labels.\"" + std::string(content_label) + "\"")))
    all.erase(name);
  std::set<std::string> missing;
  for (const auto& present : TRY(parallel_map(
           ctx, nodes, [&](const Context& c, const drivers::NodeId& id) { return images_of(c, driver, id); }))) {
    std::ranges::set_difference(all, present, std::inserter(missing, missing.end()));
  }
  if (missing.empty()) return {};
  Step step(*ctx.events, "images", "Copying " + std::to_string(missing.size()) + " images from " + from.name);
  const auto write = [&](const Context& c, const Sink& sink) { return export_images(c, driver, from, missing, sink); };
  const auto talk = [&](const Context& c, NodeTalks& talks) -> Result<void> {
    auto feed = TRY(Feed::open(c, talks, {.platform = own_platform()}));
    std::optional<Layout> layout;
    TRY(read_written(c, from.name, write, [&](const Context& each, sys::EntryReader& reader) -> Result<void> {
      layout = TRY(pass_images(each, reader, feed, from.name, std::nullopt));
      return {};
    }));
    return feed.finish(c, *layout, from.name);
  };
  TRY(NodeTalks::run(ctx, driver, nodes, talk));
  step.done();
  return {};
}

}  // namespace

Result<void> import_archive(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                            const std::string& archive, const std::vector<std::string>& arguments) {
  const auto pieces = TRY(sys::pieces_of(archive));
  std::string words;
  drivers::ExecRequest request;
  request.argv = {"ctr", "--namespace=k8s.io", "images", "import", "--local", "--snapshotter=overlayfs"};
  request.argv.insert(request.argv.end(), arguments.begin(), arguments.end());
  request.argv.emplace_back("-");
  request.in = [&](const Context&) { return pieces(); };
  request.out = request.err = [&](std::string_view text) { words += text; };
  const int code = TRY(driver.exec(ctx, id, request));
  if (code == 0) return {};
  Error error = make_error(ErrorId::node_command_failed, "The node " + id.name + " could not take the image");
  error.trail.push_back(words_of_ctr(words));
  return error;
}

namespace {

std::string what_is_loaded(const std::vector<ImageSource>& sources, std::size_t nodes) {
  const std::string what = sources.size() == 1 ? sources.front().word : std::to_string(sources.size()) + " images";
  return "Loading " + what + " into " + std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
}

// Whether what nodes said that they have has led to a failure: it may be gone meanwhile, or be of another namespace.
struct Attempt {
  Result<Layout> done;
  bool left_out = false;
  Naming naming = {};  // that some nodes may have by now
};

Attempt load_once(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                  const std::vector<ImageSource>& sources, const std::optional<std::string>& name,
                  const Feed::Terms& terms) {
  Layout all;
  bool left_out = false;
  std::vector<std::size_t> told;
  const auto talk = [&](const Context& c, NodeTalks& talks) -> Result<void> {
    auto feed = TRY(Feed::open(c, talks, terms));
    for (const auto& source : sources) {
      all.add(TRY(pass_source(c, source, feed, name)));
      left_out = feed.left_out();
    }
    auto finished = feed.finish(c, all, sources.front().word);
    told = feed.told();
    return finished;
  };
  if (auto done = NodeTalks::run(ctx, driver, nodes, talk); !done.ok()) {
    if (nodes.size() >= most_threads) told.clear();  // by the indices of a part of them
    return {std::move(done).error(), left_out, {all.targets, told}};
  }
  return {std::move(all), left_out};
}

}  // namespace

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

std::string own_platform() { return "linux/" + std::string(node_architecture); }

Result<std::vector<std::string>> load_images(const Context& ctx, const Home& home, const std::string& profile,
                                             const std::vector<std::string>& words, const LoadOptions& options) {
  if (options.name) TRY(full_image_name(*options.name));
  const auto opened = TRY(open_profile(home, profile));
  const auto nodes = TRY(running_nodes(ctx, opened));
  const std::string platform = options.platform.value_or(own_platform());
  std::vector<ImageSource> sources;
  for (const auto& word : words) sources.push_back(TRY(find_image(ctx, word, platform, options.name)));
  const std::string what = what_is_loaded(sources, nodes.size());
  Step step(*ctx.events, "image-load", what);
  Feed::Terms terms{.platform = platform, .step = "image-load", .text = what};
  auto attempt = load_once(ctx, *opened.driver, nodes, sources, options.name, terms);
  const bool again = !attempt.done.ok() && attempt.left_out &&
                     attempt.done.error().id == ErrorId::node_command_failed &&
                     std::ranges::all_of(sources, &ImageSource::can_be_read_again);
  if (again) {
    sys::log::warn("All is sent again: " + attempt.done.error().what);
    terms.everything = true;
    attempt = load_once(ctx, *opened.driver, nodes, sources, options.name, terms);
  }
  if (!attempt.done.ok()) {
    const Context fresh{{}, Deadline::in(std::chrono::seconds(30)), ctx.events};  // `ctx` may be stopped
    take_back_names(fresh, *opened.driver, nodes, attempt.naming, attempt.done.error());
    return attempt.done.error();
  }
  step.done();
  std::vector<std::string> names;
  for (const auto& full : attempt.done->names) names.push_back(short_image_name(full));
  return names;
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

namespace {

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

namespace {

// What nodes say when a company's network is in their way.
struct Obstacle {
  std::string_view words;
  ErrorId id;
};
constexpr auto obstacles = std::to_array<Obstacle>({
    {"Proxy Authentication Required", ErrorId::proxy_refused},
    {"proxyconnect", ErrorId::proxy_refused},
    {"x509: ", ErrorId::certificate_untrusted},
    {"401 Unauthorized", ErrorId::registry_denied},
    {"authorization failed", ErrorId::registry_denied},
    {"no basic auth credentials", ErrorId::registry_denied},
    {"403 Forbidden", ErrorId::registry_denied},
});

Error not_pulled(const std::string& node, const std::string& image, const std::string& words) {
  const auto found = std::ranges::find_if(
      obstacles, [&](const Obstacle& obstacle) { return words.find(obstacle.words) != std::string::npos; });
  const auto id = found == obstacles.end() ? ErrorId::node_command_failed : found->id;
  Error error = make_error(id, "The node " + node + " could not pull " + image);
  error.trail.push_back(words);
  return error;
}

}  // namespace

Result<void> pull_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name) {
  const std::string full = TRY(full_image_name(name));
  const auto opened = TRY(open_profile(home, profile));
  const auto nodes = TRY(running_nodes(ctx, opened));
  Step step(*ctx.events, "image-pull", "Pulling " + name);
  const auto logins =
      opened.spec.registry_config.empty() ? Logins() : TRY(read_logins(ctx, opened.spec.registry_config));
  const auto login = login_for(logins, full);
  const std::string input = login ? login->user + ":" + login->password + "\n" : "";
  // The login comes on the input, as a line of arguments is anybody's to see.
  const std::vector<std::string> pull = {
      "sh", "-c", R"(! IFS= read -r CRICTL_CREDS || export CRICTL_CREDS; exec crictl pull "$1")", "pull", full};
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const drivers::NodeId& id) -> Result<void> {
    const auto done = TRY(capture(c, *opened.driver, id, pull, input));
    return done.exit_code == 0 ? Result<void>()
                               : not_pulled(id.name, name, words_of_ctr(done.err.empty() ? done.out : done.err));
  }));
  step.done();
  return {};
}

Result<void> save_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name,
                        const std::string& file) {
  const auto [opened, full, nodes] = TRY(holders_of(ctx, home, profile, name));
  Step step(*ctx.events, "image-save", "Saving " + name);
  const HalfFile half(file);
  std::ofstream out(half.path(), std::ios::binary);
  if (!out) return make_error(ErrorId::host_error, "Cannot write " + half.path());
  TRY(export_images(ctx, *opened.driver, nodes.front(), {full}, [&](std::string_view piece) -> Result<void> {
    if (out.write(piece.data(), static_cast<std::streamsize>(piece.size()))) return {};
    return make_error(ErrorId::disk_full, "Cannot write " + half.path());
  }));
  out.close();
  if (!out) return make_error(ErrorId::disk_full, "Cannot write " + half.path());
  TRY(half.take_place(/*executable=*/false));
  step.done();
  return {};
}

Result<void> save_image_into_docker(const Context& ctx, const Home& home, const std::string& profile,
                                    const std::string& name) {
  const HalfFile archive(TRY(temporary_path("image")));  // never takes its place, so it goes
  TRY(save_image(ctx, home, profile, name, archive.path()));
  return drivers::docker::load_archive(ctx, archive.path());
}

Result<void> push_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name) {
  const auto [opened, full, nodes] = TRY(holders_of(ctx, home, profile, name));
  Step step(*ctx.events, "image-push", "Pushing " + name);
  auto pushed =
      run_in(ctx, *opened.driver, {nodes.front()},
             {"ctr", "--namespace=k8s.io", "images", "push", "--local", "--hosts-dir=/etc/containerd/certs.d", full},
             "push " + name);
  if (!pushed.ok() && pushed.error().id == ErrorId::node_command_failed) {
    pushed.error().advice = "Where a registry asks for a password, push with the Docker of this host";
  }
  TRY(std::move(pushed));
  step.done();
  return {};
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
