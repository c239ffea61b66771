// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_archive.h"

#include <algorithm>
#include <filesystem>

#include "base/strings.h"
#include "cluster/images/image_name.h"

namespace skiff::cluster {
namespace {

constexpr std::uint64_t largest_text = 4 << 20;  // manifests and configurations are at most that (OCI distribution)
constexpr std::size_t beginning = 64;
constexpr std::string_view name_key = "io.containerd.image.name";
constexpr std::string_view ref_key = "org.opencontainers.image.ref.name";

std::string path_of_digest(std::string_view digest) { return "blobs/" + replace_all(digest, ":", "/"); }

const Json* member(const Json* value, std::string_view key) {
  const JsonObject* object = value == nullptr ? nullptr : value->if_object();
  return object == nullptr ? nullptr : object->if_contains({key.data(), key.size()});
}

std::string text_of(const Json* value) { return value == nullptr ? std::string() : text_at(*value, ""); }

Result<Json> json_in(const ArchiveContents& contents, const std::string& path, const std::string& source) {
  const auto text = contents.texts.find(path);
  if (text == contents.texts.end()) return make_error(ErrorId::image_invalid, source + " lacks its " + path);
  auto json = parse_json(text->second);
  if (!json.ok()) return make_error(ErrorId::image_invalid, source + ": " + path + " is not JSON");
  return json;
}

// One image of an archive: what is to be written of it, or why it cannot be loaded.
struct Found {
  std::vector<std::string> names;
  std::string own_name;  // of no use in a pod: a tag alone
  Json description;      // its descriptor in an index, or its element of manifest.json
  std::set<std::string> paths;
  std::set<std::string> platforms;  // those that it is for, when ours is not among them
  std::string missing;              // a part of it that the archive lacks
  bool usable() const { return platforms.empty() && missing.empty(); }
};

std::string platform_of(const Json& configuration) {
  const std::string os = text_at(configuration, "os", "linux");
  const std::string architecture = text_at(configuration, "architecture");
  return architecture.empty() ? "" : os + "/" + architecture;  // old images do not tell
}

class Layout {
 public:
  Layout(const ArchiveContents& contents, const std::string& source, std::string wanted)
      : contents_(contents), source_(source), wanted_(std::move(wanted)) {}

  Result<std::vector<Found>> images() const {
    const Json index = TRY(json_in(contents_, "index.json", source_));
    std::vector<Found> all;
    for (const auto& descriptor : array_at(index, "manifests")) {
      Found found;
      note_names(descriptor, found);
      resolve(descriptor, found, 0);
      if (!found.usable() || !found.paths.empty()) all.push_back(std::move(found));
    }
    return all;
  }

 private:
  static void note_names(const Json& descriptor, Found& found) {
    const Json* annotations = find(descriptor, "annotations");
    const std::string ref = text_of(member(annotations, ref_key));
    std::string name = text_of(member(annotations, name_key));
    if (name.empty() && ref.find_first_of("/:@") != std::string::npos) name = ref;
    if (const auto full = full_image_name(name); full.ok()) found.names.push_back(*full);
    found.own_name = ref;
  }

  // Attestations stand beside images and are none.
  static bool is_image(const Json& descriptor) {
    return text_at(descriptor, "platform.os") != "unknown" &&
           text_of(member(find(descriptor, "annotations"), "vnd.docker.reference.type")).empty();
  }

  void resolve(const Json& descriptor, Found& found, int depth) const {
    if (!is_image(descriptor)) return;
    const std::string path = path_of_digest(text_at(descriptor, "digest"));
    const std::string told = find(descriptor, "platform") == nullptr ? "" : platform_of(*find(descriptor, "platform"));
    if (!told.empty() && told != wanted_) {
      found.platforms.insert(told);
      return;
    }
    const auto blob = json_in(contents_, path, source_);
    if (!blob.ok()) {
      found.missing = path;
      return;
    }
    if (const JsonArray& children = array_at(*blob, "manifests"); !children.empty()) {
      for (const auto& child : children) {
        if (depth < 4 && found.paths.empty()) resolve(child, found, depth + 1);
      }
      return;
    }
    take(descriptor, *blob, path, found);
  }

  void take(const Json& descriptor, const Json& manifest, const std::string& path, Found& found) const {
    std::set<std::string> paths = {path, path_of_digest(text_at(manifest, "config.digest"))};
    for (const auto& layer : array_at(manifest, "layers")) paths.insert(path_of_digest(text_at(layer, "digest")));
    const auto configuration = json_in(contents_, path_of_digest(text_at(manifest, "config.digest")), source_);
    const std::string platform = configuration.ok() ? platform_of(*configuration) : "";
    if (!platform.empty() && platform != wanted_) {
      found.platforms.insert(platform);
      return;
    }
    for (const auto& each : paths) {
      if (contents_.paths.contains(each)) continue;
      found.missing = each;
      return;
    }
    found.platforms.clear();
    found.missing.clear();
    found.paths = std::move(paths);
    JsonObject kept{{"mediaType", text_at(descriptor, "mediaType", text_at(manifest, "mediaType"))},
                    {"digest", text_at(descriptor, "digest")},
                    {"size", int_at(descriptor, "size")}};
    if (const auto slash = wanted_.find('/'); slash != std::string::npos) {
      kept["platform"] = JsonObject{{"architecture", wanted_.substr(slash + 1)}, {"os", wanted_.substr(0, slash)}};
    }
    found.description = std::move(kept);
  }

  const ArchiveContents& contents_;
  const std::string& source_;
  std::string wanted_;
};

Result<std::vector<Found>> images_of_docker(const ArchiveContents& contents, const std::string& source,
                                            const std::string& wanted) {
  const Json manifest = TRY(json_in(contents, "manifest.json", source));
  std::vector<Found> all;
  for (const auto& item : array_at(manifest, "")) {
    Found found;
    for (const auto& tag : array_at(item, "RepoTags")) {
      if (const auto full = full_image_name(text_at(tag, "")); full.ok()) found.names.push_back(*full);
    }
    found.paths.insert(text_at(item, "Config"));
    for (const auto& layer : array_at(item, "Layers")) found.paths.insert(text_at(layer, ""));
    for (const auto& path : found.paths) {
      if (!contents.paths.contains(path)) found.missing = path;
    }
    const auto configuration = json_in(contents, text_at(item, "Config"), source);
    const std::string platform = configuration.ok() ? platform_of(*configuration) : "";
    if (!platform.empty() && platform != wanted) found.platforms.insert(platform);
    found.description = item;
    all.push_back(std::move(found));
  }
  return all;
}

std::string called(const Found& found) {
  if (!found.names.empty()) return short_image_name(found.names.front());
  return found.own_name.empty() ? "an image without a name" : "the image '" + found.own_name + "'";
}

Error why_not(const Found& found, const std::string& source, const std::string& wanted) {
  if (!found.missing.empty()) {
    return make_error(
        ErrorId::image_invalid,
        source + " holds only a part of " + called(found) + " for " + wanted + ": it lacks " + found.missing,
        "Pull the image for that platform ('docker pull --platform " + wanted +
            " NAME'), then write the archive again");
  }
  if (!found.platforms.empty()) {
    const std::vector<std::string> platforms(found.platforms.begin(), found.platforms.end());
    return make_error(
        ErrorId::image_unsupported,
        source + " holds " + called(found) + " for " + join(platforms, ", ") + "; the nodes are " + wanted,
        "Load one that is built for " + wanted + " ('docker build --platform " + wanted + "')");
  }
  const std::string what = found.own_name.empty() ? source + " holds an image without a name"
                                                  : source + " names its image just '" + found.own_name + "'";
  return make_error(ErrorId::image_invalid, what + ": no pod could use it",
                    "Give it a name: 'skiff image load --name NAME:TAG " + source + "'");
}

// The chosen images as the archive's own list of them.
ImageChoice written(const std::vector<Found>& chosen, bool oci) {
  ImageChoice choice;
  JsonArray list;
  for (const auto& found : chosen) {
    choice.names.insert(choice.names.end(), found.names.begin(), found.names.end());
    choice.wanted.insert(found.paths.begin(), found.paths.end());
    Json item = found.description;
    JsonObject* const fields = item.if_object();
    if (fields == nullptr) continue;
    if (!oci) {
      (*fields)["RepoTags"] = JsonArray(found.names.begin(), found.names.end());
      list.push_back(std::move(item));
      continue;
    }
    for (const auto& name : found.names) {
      (*fields)["annotations"] = JsonObject{{name_key, name}};
      list.push_back(item);
    }
  }
  std::ranges::sort(choice.names);
  choice.names.erase(std::unique(choice.names.begin(), choice.names.end()), choice.names.end());
  if (!oci) {
    choice.manifest = to_text(list);
  } else {
    choice.index = to_text(JsonObject{{"schemaVersion", 2},
                                      {"mediaType", "application/vnd.oci.image.index.v1+json"},
                                      {"manifests", std::move(list)}});
  }
  return choice;
}

Result<ImageChoice> choose(std::vector<Found> all, bool oci, const std::string& source, const std::string& wanted,
                           const std::optional<std::string>& name) {
  if (all.empty()) return make_error(ErrorId::image_invalid, source + " holds no image");
  if (name) {
    std::vector<Found> usable;
    for (auto& found : all) {
      const bool same = std::ranges::any_of(usable, [&](const Found& f) { return f.paths == found.paths; });
      if (found.usable() && !same) usable.push_back(found);
    }
    if (usable.empty()) return why_not(all.front(), source, wanted);
    if (usable.size() > 1) {
      return make_error(ErrorId::usage,
                        source + " holds " + std::to_string(usable.size()) + " images; --name is for one",
                        "Leave --name out, or write an archive with one of them");
    }
    usable.front().names = {TRY(full_image_name(*name))};
    return written(usable, oci);
  }
  std::vector<Found> chosen;
  std::vector<std::string> left_out;
  std::optional<Error> first;
  for (auto& found : all) {
    if (found.usable() && !found.names.empty()) {
      chosen.push_back(std::move(found));
      continue;
    }
    Error error = why_not(found, source, wanted);
    left_out.push_back(error.what);
    if (!first) first = std::move(error);
  }
  if (chosen.empty()) {
    return std::move(first).value_or(make_error(ErrorId::image_invalid, source + " has no images"));
  }
  auto choice = written(chosen, oci);
  choice.left_out = std::move(left_out);
  return choice;
}

bool has_names(const std::vector<Found>& all) {
  return std::ranges::any_of(all, [](const Found& found) { return !found.names.empty(); });
}

}  // namespace

Result<std::optional<std::string>> note_entry(sys::EntryReader& reader, const sys::ArchiveEntry& entry,
                                              ArchiveContents& contents) {
  using Kind = sys::ArchiveEntry::Kind;
  if (entry.kind == Kind::folder) return std::optional<std::string>();
  contents.paths.insert(entry.path);
  if (entry.kind == Kind::hard_link) contents.links[entry.path] = entry.link_target;
  if (entry.kind == Kind::symlink) {
    const auto folder = std::filesystem::path(entry.path).parent_path();
    contents.links[entry.path] = (folder / entry.link_target).lexically_normal();
  }
  if (entry.kind != Kind::file) return std::optional<std::string>();
  std::string text = TRY(reader.read(beginning));
  if (entry.size > largest_text || (!text.starts_with('{') && !text.starts_with('['))) return std::optional(text);
  while (text.size() < entry.size) {
    const std::string more = TRY(reader.read(entry.size - text.size()));
    if (more.empty()) break;
    text += more;
  }
  contents.texts[entry.path] = std::move(text);
  return std::optional<std::string>();
}

Result<ArchiveContents> read_contents(sys::EntryReader& reader) {
  ArchiveContents contents;
  while (const auto entry = TRY(reader.next())) TRY(note_entry(reader, *entry, contents));
  return contents;
}

Result<ImageChoice> choose_images(const ArchiveContents& contents, const std::string& source, const std::string& wanted,
                                  const std::optional<std::string>& name) {
  const bool index = contents.texts.contains("index.json");
  const bool manifest = contents.texts.contains("manifest.json");
  if (!index && !manifest) {
    return make_error(ErrorId::image_invalid, source + " is an archive, but not of an image",
                      "Write one with 'docker save NAME:TAG', or build an image from it with 'docker import'");
  }
  auto in_index = index ? TRY(Layout(contents, source, wanted).images()) : std::vector<Found>();
  if (!manifest || has_names(in_index)) return choose(std::move(in_index), true, source, wanted, name);
  auto in_manifest = TRY(images_of_docker(contents, source, wanted));
  if (in_index.empty() || has_names(in_manifest)) return choose(std::move(in_manifest), false, source, wanted, name);
  return choose(std::move(in_index), true, source, wanted, name);
}

}  // namespace skiff::cluster
