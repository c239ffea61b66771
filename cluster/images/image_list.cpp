// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_list.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/images/image_name.h"
#include "cluster/images/node_images.h"
#include "cluster/nodes/node_access.h"

namespace skiff::cluster {
namespace {

using drivers::NodeId;

std::vector<std::string> texts(const Json& value, std::string_view path) {
  std::vector<std::string> all;
  for (const auto& each : array_at(value, path)) all.push_back(text_at(each, ""));
  std::ranges::sort(all);
  return all;
}

ListedImage image_in(const Json& told) {
  const auto bytes = parse_int(text_at(told, "size", "0"), "a size");
  return {text_at(told, "id"),
          texts(told, "repoTags"),
          texts(told, "repoDigests"),
          static_cast<std::uint64_t>(bytes.value_or(0)),
          {}};
}

Result<Json> ask(const Context& ctx, drivers::Driver& driver, const NodeId& id, std::vector<std::string> argv) {
  const std::string what = join(argv, " ");
  const auto said = TRY(capture(ctx, driver, id, std::move(argv)));
  auto json = parse_json(said.out);
  if (said.exit_code == 0 && json.ok()) return json;
  Error error = make_error(ErrorId::node_command_failed, "The node " + id.name + " does not answer '" + what + "'");
  error.trail.emplace_back(trim(said.err));
  return error;
}

// Asks all nodes at once; their answers in the nodes' order.
Result<std::vector<std::pair<std::string, Json>>> ask_all(const Context& ctx, const Cluster& opened,
                                                          const std::vector<std::string>& argv) {
  const auto nodes = TRY(running_nodes(ctx, opened));
  std::vector<std::pair<std::string, Json>> answers(nodes.size());
  std::vector<std::size_t> numbers(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) numbers[i] = i;
  TRY(parallel_for(ctx, numbers, [&](const Context& c, std::size_t i) -> Result<void> {
    answers[i] = {nodes[i].name, TRY(ask(c, *opened.driver, nodes[i], argv))};
    return {};
  }));
  return answers;
}

}  // namespace

ImageList merge_images(const std::vector<std::pair<std::string, Json>>& nodes) {
  ImageList list;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> holders;  // by name and id
  std::map<std::string, ListedImage> by_id;
  for (const auto& [node, answer] : nodes) {
    list.nodes.push_back(node);
    for (const auto& told : array_at(answer, "images")) {
      const auto image = image_in(told);
      by_id.emplace(image.id, image);
      for (const auto& name : image.names) holders[{name, image.id}].insert(node);
      if (image.names.empty()) holders[{"", image.id}].insert(node);
    }
  }
  std::map<std::pair<std::string, std::set<std::string>>, ListedImage> merged;  // by id and nodes
  for (const auto& [key, on] : holders) {
    auto& image = merged.try_emplace({key.second, on}, by_id[key.second]).first->second;
    if (image.nodes.empty()) {
      image.names.clear();
      image.nodes.assign(on.begin(), on.end());
    }
    if (!key.first.empty()) image.names.push_back(key.first);
  }
  for (auto& each : merged) list.images.push_back(std::move(each.second));
  std::ranges::sort(list.images, {}, [](const ListedImage& image) { return std::pair(image.names, image.id); });
  return list;
}

Result<ImageList> list_images(const Context& ctx, const Home& home, const std::string& profile) {
  const auto opened = TRY(open_profile(home, profile));
  return merge_images(TRY(ask_all(ctx, opened, {"crictl", "images", "-o", "json"})));
}

Result<JsonArray> inspect_image(const Context& ctx, const Home& home, const std::string& profile,
                                const std::string& name) {
  const auto holders = TRY(holders_of(ctx, home, profile, name));
  std::vector<Json> answers;
  std::vector<JsonArray> nodes;
  for (const auto& id : holders.nodes) {
    auto told = TRY(ask(ctx, *holders.opened.driver, id, {"crictl", "inspecti", "-o", "json", holders.name}));
    const std::string image = text_at(told, "status.id");
    const auto same =
        std::ranges::find_if(answers, [&](const auto& each) { return text_at(each, "status.id") == image; });
    const auto place = static_cast<std::size_t>(same - answers.begin());
    if (same == answers.end()) {
      answers.push_back(std::move(told));
      nodes.emplace_back();
    }
    nodes[place].emplace_back(id.name);
  }
  JsonArray all;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (JsonObject* const fields = answers[i].if_object()) (*fields)["nodes"] = std::move(nodes[i]);
    all.push_back(std::move(answers[i]));
  }
  return all;
}

std::vector<ListedImage> unused_images(const Json& images, const Json& containers, bool all) {
  std::set<std::string> used;
  for (const auto& container : array_at(containers, "containers")) {
    used.insert(text_at(container, "imageRef"));
    used.insert(text_at(container, "imageId"));
    used.insert(text_at(container, "image.image"));
  }
  std::vector<ListedImage> unused;
  for (const auto& told : array_at(images, "images")) {
    auto image = image_in(told);
    if (bool_at(told, "pinned") || (!all && !image.names.empty())) continue;
    const bool in_use = used.contains(image.id) ||
                        std::ranges::any_of(image.names, [&](const auto& name) { return used.contains(name); }) ||
                        std::ranges::any_of(image.digests, [&](const auto& digest) { return used.contains(digest); });
    if (!in_use) unused.push_back(std::move(image));
  }
  return unused;
}

Result<Pruned> prune_images(const Context& ctx, const Home& home, const std::string& profile, bool all) {
  const auto opened = TRY(open_profile(home, profile));
  const auto nodes = TRY(running_nodes(ctx, opened));
  std::mutex mutex;
  std::set<std::string> gone;
  std::uint64_t bytes = 0;
  TRY(parallel_for(ctx, nodes, [&](const Context& c, const NodeId& id) -> Result<void> {
    const Json images = TRY(ask(c, *opened.driver, id, {"crictl", "images", "-o", "json"}));
    const Json containers = TRY(ask(c, *opened.driver, id, {"crictl", "ps", "-a", "-o", "json"}));
    for (const auto& image : unused_images(images, containers, all)) {
      TRY(run_in(c, *opened.driver, {id}, {"crictl", "rmi", image.id}, "remove " + image.id));
      const std::lock_guard lock(mutex);
      bytes += image.bytes;
      if (image.names.empty()) gone.insert(image.id);
      for (const auto& name : image.names) gone.insert(short_image_name(name));
    }
    return {};
  }));
  return Pruned{std::vector(gone.begin(), gone.end()), bytes};
}

}  // namespace skiff::cluster
