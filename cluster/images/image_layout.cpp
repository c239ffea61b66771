// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_layout.h"

#include "base/strings.h"
#include "sys/hash.h"

namespace skiff::cluster {
namespace {

constexpr std::string_view manifest_type = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view config_type = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view layer_type = "application/vnd.oci.image.layer.v1.tar";
constexpr std::string_view name_key = "io.containerd.image.name";

std::string digest_of(std::string_view text) { return "sha256:" + sys::sha256_hex(text); }

JsonObject descriptor_of(std::string_view type, const std::string& digest, std::uint64_t size) {
  return {{"mediaType", type}, {"digest", digest}, {"size", size}};
}

// Under which a descriptor of an index stands.
std::string name_of(const Json& descriptor) {
  const Json* annotations = find(descriptor, "annotations");
  const JsonObject* fields = annotations == nullptr ? nullptr : annotations->if_object();
  const Json* name = fields == nullptr ? nullptr : fields->if_contains(name_key);
  return name == nullptr ? "" : text_at(*name, "");
}

// Where a path leads that may be a link: `docker save` writes a layer that two images share once.
std::string followed(const ArchiveContents& contents, std::string path) {
  for (int hops = 0; hops < 8; ++hops) {
    const auto link = contents.links.find(path);
    if (link == contents.links.end()) break;
    path = link->second;
  }
  return path;
}

Result<Layout> of_oci(const ImageChoice& choice, const ArchiveContents& contents,
                      const std::map<std::string, Blob>& blobs, const std::string& source) {
  Layout layout;
  const Json index = TRY(parse_json(choice.index));
  layout.manifests = array_at(index, "manifests");
  for (const auto& path : choice.wanted) {
    const std::string digest = digest_in_path(path);
    const auto text = contents.texts.find(path);
    if (text != contents.texts.end()) {
      if (digest_of(text->second) != digest)
        return make_error(ErrorId::image_invalid, source + " is damaged: " + path + " is not what its digest says");
      layout.texts[digest] = text->second;
    } else if (!blobs.contains(path)) {
      return make_error(ErrorId::image_invalid, source + " lacks its " + path);
    } else {
      layout.layers.insert(digest);
    }
  }
  for (const auto& item : layout.manifests) layout.targets[name_of(item)] = text_at(item, "digest");
  layout.names = choice.names;
  return layout;
}

Result<Layout> of_docker(const ImageChoice& choice, const ArchiveContents& contents,
                         const std::map<std::string, Blob>& blobs, const std::string& source,
                         const std::string& platform) {
  Layout all;
  const Json manifest = TRY(parse_json(choice.manifest));
  for (const auto& item : array_at(manifest, "")) {
    const auto lacks = [&](const std::string& path) {
      return make_error(ErrorId::image_invalid, source + " lacks its " + path);
    };
    const auto configuration = contents.texts.find(followed(contents, text_at(item, "Config")));
    if (configuration == contents.texts.end()) return lacks(text_at(item, "Config"));
    std::vector<Blob> layers;
    for (const auto& each : array_at(item, "Layers")) {
      const auto blob = blobs.find(followed(contents, text_at(each, "")));
      if (blob == blobs.end()) return lacks(text_at(each, ""));
      layers.push_back(blob->second);
    }
    std::vector<std::string> names;
    for (const auto& name : array_at(item, "RepoTags")) names.push_back(text_at(name, ""));
    all.add(layout_of(names, configuration->second, layers, platform));
  }
  return all;
}

// The names of one image.
void name_all(Layout& layout, const std::vector<std::string>& names, JsonObject manifest, const std::string& platform) {
  const auto slash = platform.find('/');
  manifest["platform"] = JsonObject{{"architecture", platform.substr(slash + 1)}, {"os", platform.substr(0, slash)}};
  layout.names = names;
  for (const auto& name : names) {
    manifest["annotations"] = JsonObject{{name_key, name}};
    layout.targets[name] = text_at(Json(manifest), "digest");
    layout.manifests.emplace_back(manifest);
  }
}

}  // namespace

std::string packing_of(std::string_view beginning) {
  if (beginning.starts_with("\x1f\x8b")) return "+gzip";
  if (beginning.starts_with("\x28\xb5\x2f\xfd")) return "+zstd";
  return "";
}

void Layout::add(Layout other) {
  JsonArray kept;
  for (const auto& item : manifests) {  // of two images with one name the last has it
    if (!other.targets.contains(name_of(item))) kept.push_back(item);
  }
  kept.insert(kept.end(), other.manifests.begin(), other.manifests.end());
  manifests = std::move(kept);
  std::erase_if(names, [&](const std::string& name) { return other.targets.contains(name); });
  names.insert(names.end(), other.names.begin(), other.names.end());
  for (const auto& [name, digest] : other.targets) targets[name] = digest;
  texts.merge(other.texts);
  layers.merge(other.layers);
}

std::string Layout::index() const {
  return to_text(JsonObject{
      {"schemaVersion", 2}, {"mediaType", "application/vnd.oci.image.index.v1+json"}, {"manifests", manifests}});
}

Layout layout_of(const std::vector<std::string>& names, const std::string& configuration,
                 const std::vector<Blob>& layers, const std::string& platform) {
  Layout layout;
  JsonArray described;
  for (const auto& layer : layers) {
    described.push_back(descriptor_of(std::string(layer_type) + layer.packed, layer.digest, layer.size));
    layout.layers.insert(layer.digest);
  }
  const std::string manifest =
      to_text(JsonObject{{"schemaVersion", 2},
                         {"mediaType", manifest_type},
                         {"config", descriptor_of(config_type, digest_of(configuration), configuration.size())},
                         {"layers", std::move(described)}});
  const std::string digest = digest_of(manifest);
  layout.texts = {{digest_of(configuration), configuration}, {digest, manifest}};
  name_all(layout, names, descriptor_of(manifest_type, digest, manifest.size()), platform);
  return layout;
}

Layout layout_of_known(const std::vector<std::string>& names, const Json& manifest, const std::string& platform) {
  Layout layout;
  const auto size = static_cast<std::uint64_t>(int_at(manifest, "size"));
  name_all(layout, names, descriptor_of(text_at(manifest, "mediaType"), text_at(manifest, "digest"), size), platform);
  return layout;
}

Result<Layout> layout_of(const ImageChoice& choice, const ArchiveContents& contents,
                         const std::map<std::string, Blob>& blobs, const std::string& source,
                         const std::string& platform) {
  return choice.index.empty() ? of_docker(choice, contents, blobs, source, platform)
                              : of_oci(choice, contents, blobs, source);
}

std::string digest_in_path(std::string_view path) {
  constexpr std::string_view folder = "blobs/sha256/";
  if (!path.starts_with(folder) || path.size() != folder.size() + 64) return {};
  return "sha256:" + std::string(path.substr(folder.size()));
}

std::map<std::string, std::string> expected_digests(const ArchiveContents& contents) {
  std::map<std::string, std::string> expected;
  for (const auto& path : contents.paths) {
    if (auto digest = digest_in_path(path); !digest.empty()) expected[path] = std::move(digest);
  }
  const auto list = contents.texts.find("manifest.json");
  const auto manifest = list == contents.texts.end() ? Result<Json>(Json()) : parse_json(list->second);
  if (!manifest.ok()) return expected;
  for (const auto& item : array_at(*manifest, "")) {
    const auto text = contents.texts.find(followed(contents, text_at(item, "Config")));
    const auto configuration = text == contents.texts.end() ? Result<Json>(Json()) : parse_json(text->second);
    if (!configuration.ok()) continue;
    const JsonArray& layers = array_at(item, "Layers");
    const JsonArray& digests = array_at(*configuration, "rootfs.diff_ids");
    for (std::size_t i = 0; i < layers.size() && layers.size() == digests.size(); ++i) {
      expected.emplace(followed(contents, text_at(layers[i], "")), text_at(digests[i], ""));
    }
  }
  return expected;
}

std::string configuration_of(const Json& inspected) {
  JsonObject config;
  if (const Json* told = find(inspected, "Config"); told != nullptr && told->is_object()) {
    for (const auto& [key, value] : told->get_object()) {
      if (!value.is_null()) config[key] = value;
    }
  }
  JsonObject made{{"architecture", text_at(inspected, "Architecture")},
                  {"os", text_at(inspected, "Os")},
                  {"config", std::move(config)},
                  {"rootfs", JsonObject{{"type", "layers"}, {"diff_ids", array_at(inspected, "RootFS.Layers")}}}};
  if (const auto created = text_at(inspected, "Created"); !created.empty()) made["created"] = created;
  if (const auto variant = text_at(inspected, "Variant"); !variant.empty()) made["variant"] = variant;
  return to_text(made);
}

}  // namespace skiff::cluster
