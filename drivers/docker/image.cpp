// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/image.h"

#include <fstream>

#include "base/strings.h"
#include "drivers/docker/node.h"
#include "drivers/docker/phrases.h"
#include "drivers/docker/resources.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::drivers::docker {

namespace {

constexpr std::string_view prepare_program = "/usr/lib/skiff/prepare";

std::string prepare_name(std::string_view image) { return "skiff-prepare-" + tag_of(image); }

// The import answers with lines of progress under status 200; a failure is the last of them.
Result<void> check_import(const Engine::Answer& answer) {
  for (const auto& line : split(answer.body, '\n')) {
    const auto event = parse_json(line);
    if (!event.ok()) continue;
    const std::string failure = text_at(*event, "error");
    if (failure.empty()) continue;
    const bool full = says(failure, Phrase::disk_full);
    return make_error(full ? ErrorId::disk_full : ErrorId::docker_error, "Docker: " + failure);
  }
  return {};
}

Result<void> import_image(const Context& ctx, Engine& engine, const NodeImage& image) {
  const auto file = std::make_shared<std::ifstream>(image.rootfs_tar, std::ios::binary);
  if (!*file) return make_error(ErrorId::host_error, "Cannot read " + image.rootfs_tar);
  sys::HttpRequest request{"POST", "/images/create?fromSrc=-"};
  request.path += "&repo=" + sys::url_encode(image.reference);  // podman does not read the parameter "tag"
  request.path += "&changes=" + sys::url_encode("ENTRYPOINT [\"/sbin/skiff-init\"]");
  request.path += "&changes=" + sys::url_encode("LABEL " + std::string(label::image) + "=" + image.reference);
  request.path += "&changes=" +
                  sys::url_encode("LABEL " + std::string(label::tree_format) + "=" + std::to_string(image.tree_format));
  request.headers["Content-Type"] = "application/x-tar";
  request.body_source = [file, &image](const Context&) -> Result<std::string> {
    std::string piece(1 << 20, '\0');
    file->read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (file->bad()) return make_error(ErrorId::host_error, "Cannot read " + image.rootfs_tar);
    piece.resize(static_cast<std::size_t>(file->gcount()));
    return piece;
  };
  return with_trail(check_import(TRY(engine.send(ctx, std::move(request)))), "importing " + image.reference);
}

int tree_format_of(const Json& image) {
  const Labels labels = labels_in(image, "Config.Labels");
  const auto label = labels.find(std::string(label::tree_format));
  return label == labels.end() ? 1 : static_cast<int>(parse_int(label->second, "a format").value_or(0));
}

// The image's id; imports it when it is absent.
Result<std::string> ensure_imported(const Context& ctx, Engine& engine, const NodeImage& image) {
  const std::string path = "/images/" + sys::url_encode(image.reference) + "/json";
  if (const auto existing = TRY(engine.find(ctx, path))) {
    TRY(check_tree_format(image, tree_format_of(*existing)));
    return text_at(*existing, "Id");
  }
  if (image.rootfs_tar.empty()) {
    return make_error(ErrorId::image_not_found, "Docker has no image '" + image.reference + "'");
  }
  TRY(check_root(ctx, engine));
  TRY(import_image(ctx, engine, image));
  return text_at(TRY(engine.get(ctx, path)), "Id");
}

// One skiff at a time makes something of an image.
Result<sys::Lock> lock_for(const Context& ctx, const std::string& image) {
  const std::string folder = sys::cache_folder() + "/docker";
  TRY(sys::make_folders(folder));
  return sys::Lock::acquire(ctx, folder + "/" + prepare_name(image) + ".lock", nullptr);
}

enum class Prepared { no, under_way, yes };

Error not_ours(const std::string& kind, const std::string& name) {
  return make_error(ErrorId::name_conflict, "The Docker " + kind + " '" + name + "' exists and is not skiff's",
                    "Remove it with 'docker " + kind + " rm " + name + "'");
}

bool is_prepare(const Labels& labels) { return labels.contains(std::string(label::prepare)); }

Result<Prepared> look(const Context& ctx, Engine& engine, const std::string& name, const std::string& image_id) {
  const auto container = TRY(engine.find(ctx, "/containers/" + name + "/json"));
  if (!container) return Prepared::no;
  if (!is_prepare(labels_in(*container, "Config.Labels"))) return not_ours("container", name);
  if (text_at(*container, "Image") != image_id) return Prepared::no;
  const std::string status = text_at(*container, "State.Status");
  if (status == "running") return Prepared::under_way;
  return status == "exited" && int_at(*container, "State.ExitCode", -1) == 0 ? Prepared::yes : Prepared::no;
}

// Removes the volume, so that it can be filled anew. False when nodes use it: nodes are made only when it is complete,
// so just its record is gone ('docker container prune').
Result<bool> clear_volume(const Context& ctx, Engine& engine, const std::string& image, const std::string& image_id) {
  const std::string name = hot_volume_name(image);
  const auto volume = TRY(engine.find(ctx, "/volumes/" + name));
  if (!volume) return true;
  const Labels labels = labels_in(*volume, "Labels");
  if (!is_prepare(labels)) return not_ours("volume", name);
  const auto removed = TRY(engine.call(ctx, "DELETE", "/volumes/" + name, nullptr, {404, 409}));
  if (removed.status != 409) return true;
  if (labels.contains(std::string(label::image_id)) && labels.at(std::string(label::image_id)) == image_id)
    return false;
  return make_error(ErrorId::name_conflict, "Nodes of an older image '" + image + "' still use its files",
                    "Delete their clusters, or give the new image a tag of its own");
}

Result<void> start_prepare(const Context& ctx, Engine& engine, const std::string& image, const std::string& image_id,
                           Privileges privileges) {
  const std::string name = prepare_name(image);
  const Labels labels{{std::string(label::prepare), image}, {std::string(label::image_id), image_id}};
  // Before its container: podman gives a volume that comes with one no labels.
  TRY(make_volume(ctx, engine, hot_volume_name(image), labels));
  JsonObject host = node_host_config(privileges);
  host["NetworkMode"] = "none";
  host["Mounts"] = JsonArray{volume_mount(hot_volume_name(image), hot_folder, labels)};
  const JsonObject description{{"Image", image},
                               {"Entrypoint", JsonArray{prepare_program}},
                               {"Labels", to_json(labels)},
                               {"Volumes", JsonObject{{"/var", JsonObject{}}}},
                               {"HostConfig", std::move(host)}};
  TRY(create(ctx, engine, "/containers/create?name=" + name, description));
  auto started = engine.call(ctx, "POST", "/containers/" + name + "/start");
  if (started.ok()) return {};
  if (lacks_program(started.error())) {
    started = make_error(ErrorId::image_not_found,
                         "'" + image + "' is not a node image: it has no " + std::string(prepare_program));
  }
  return undo(ctx, engine, name, std::move(started).error());
}

Result<void> wait_until_done(const Context& ctx, Engine& engine, const std::string& name) {
  const long long code = TRY(wait_for_end(ctx, engine, name));
  if (code == 0) return {};
  Error error = make_error(ErrorId::node_failed, "Preparing the node image failed with exit code " +
                                                     std::to_string(code) + " (container " + name + ")");
  error.trail.emplace_back(trim(console(ctx, engine, name).value_or("")));
  return error;
}

Result<void> ensure_prepared(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const std::string& image,
                             const std::string& image_id) {
  const std::string name = prepare_name(image);
  if (TRY(look(ctx, engine, name, image_id)) == Prepared::yes) return {};

  const auto lock = TRY(lock_for(ctx, image));
  switch (TRY(look(ctx, engine, name, image_id))) {
    case Prepared::yes:
      return {};
    case Prepared::under_way:  // of a run that was killed; the container goes on by itself
      if (wait_until_done(ctx, engine, name).ok()) return {};
      TRY(ctx.check());
      break;
    case Prepared::no:
      break;
  }
  TRY(remove_container(ctx, engine, name));
  if (!TRY(clear_volume(ctx, engine, image, image_id))) return {};
  TRY(choice.with_privileges(
      ctx, engine, [&](Privileges privileges) { return start_prepare(ctx, engine, image, image_id, privileges); }));
  return wait_until_done(ctx, engine, name);
}

}  // namespace

std::string hot_volume_name(std::string_view image) { return "skiff-hot-" + tag_of(image); }

Result<std::vector<NodeImage>> images(const Context& ctx, Engine& engine) {
  const JsonObject filter{{"reference", JsonArray{node_repository}}};
  const Json list = TRY(engine.get(ctx, "/images/json?filters=" + sys::url_encode(to_text(filter))));
  std::vector<NodeImage> found;
  for (const auto& image : array_at(list, "")) {
    for (const auto& tag : array_at(image, "RepoTags")) {
      if (tag.is_string()) found.push_back({std::string(tag.get_string()), "", int_at(image, "Size")});
    }
  }
  return found;
}

Result<void> ensure_image(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const NodeImage& image) {
  const std::string id = TRY(ensure_imported(ctx, engine, image));
  return ensure_prepared(ctx, engine, choice, image.reference, id);
}

Result<void> drop_image(const Context& ctx, Engine& engine, const std::string& reference) {
  const auto lock = TRY(lock_for(ctx, reference));
  const std::string name = prepare_name(reference);
  const auto container = TRY(engine.find(ctx, "/containers/" + name + "/json"));
  if (container && is_prepare(labels_in(*container, "Config.Labels"))) TRY(remove_container(ctx, engine, name));
  const std::string hot = hot_volume_name(reference);
  const auto volume = TRY(engine.find(ctx, "/volumes/" + hot));
  if (volume && is_prepare(labels_in(*volume, "Labels"))) TRY(remove_volume(ctx, engine, hot));
  TRY(engine.call(ctx, "DELETE", "/images/" + sys::url_encode(reference), nullptr, {404}));
  return {};
}

}  // namespace skiff::drivers::docker
