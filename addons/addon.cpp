// SPDX-License-Identifier: Apache-2.0
#include "addons/addon.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/strings.h"
#include "model/cluster_spec.h"

namespace skiff::addons {
namespace {

constexpr std::string_view description = "addon.yaml";

// Reads one mapping of addon.yaml and notices what is missing, misspelled or of a wrong kind.
class Reader {
 public:
  Reader(const YamlDocument& document, const std::string& location, std::string path)
      : document_(document), location_(location), path_(std::move(path)) {}

  Result<void> only(const std::vector<std::string>& known) const {
    const auto* mapping = here() == nullptr ? nullptr : here()->if_object();
    if (mapping == nullptr) return error("", "expected a mapping");
    for (const auto& [key, value] : *mapping) {
      const std::string name(key);
      if (std::ranges::find(known, name) != known.end()) continue;
      return error(name, "unknown key '" + name + "'" + did_you_mean(name, known));
    }
    return {};
  }

  Result<std::string> text(const std::string& key) const {
    const Json* value = at(key);
    if (value == nullptr) return error("", "'" + key + "' is missing");
    if (!value->is_string() || value->get_string().empty()) return error(key, "'" + key + "' must be a text");
    return std::string(value->get_string());
  }

  Result<std::string> text_or(const std::string& key, std::string fallback) const {
    if (at(key) == nullptr) return fallback;
    return text(key);
  }

  Result<bool> truth_or(const std::string& key, bool fallback) const {
    const Json* value = at(key);
    if (value == nullptr) return fallback;
    if (!value->is_bool()) return error(key, "'" + key + "' must be true or false");
    return value->get_bool();
  }

  Result<std::vector<std::string>> texts(const std::string& key) const {
    std::vector<std::string> found;
    for (const Reader& element : TRY(elements(key))) {
      if (!element.here()->is_string()) return element.error("", "'" + key + "' must be a list of texts");
      found.emplace_back(element.here()->get_string());
    }
    return found;
  }

  Result<std::vector<Reader>> elements(const std::string& key) const {
    std::vector<Reader> found;
    const Json* value = at(key);
    if (value == nullptr) return found;
    if (!value->is_array()) return error(key, "'" + key + "' must be a list");
    for (std::size_t i = 0; i < value->get_array().size(); ++i) {
      found.emplace_back(document_, location_, below(key) + '.' + std::to_string(i));
    }
    return found;
  }

  Reader child(const std::string& key) const { return {document_, location_, below(key)}; }
  const Json* here() const { return path_.empty() ? &document_.value : find(document_.value, path_); }
  const Json* at(const std::string& key) const {
    const auto* mapping = here() == nullptr ? nullptr : here()->if_object();
    return mapping == nullptr ? nullptr : mapping->if_contains(key);
  }

  int line(const std::string& key = {}) const {
    const auto found = document_.lines.find(key.empty() ? path_ : below(key));
    return found == document_.lines.end() ? 1 : found->second;
  }
  Error error(const std::string& key, std::string_view what) const {
    return invalid(location_, description, line(key), what);
  }

 private:
  std::string below(const std::string& key) const { return path_.empty() ? key : path_ + '.' + key; }

  const YamlDocument& document_;
  const std::string& location_;
  std::string path_;
};

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0; });
}

Result<std::vector<Value>> read_values(const Reader& top) {
  std::vector<Value> values;
  if (top.at("values") == nullptr) return values;
  const Reader mapping = top.child("values");
  if (!mapping.here()->is_object()) return mapping.error("", "'values' must be a mapping");
  for (const auto& [key, ignored] : mapping.here()->get_object()) {
    const std::string name(key);
    const Reader reader = mapping.child(name);
    if (!is_word(name)) return reader.error("", "a value's name consists of letters and digits, unlike '" + name + "'");
    TRY(reader.only({"default", "help"}));
    const Json* fallback = reader.at("default");
    if (fallback == nullptr) return reader.error("", "the value '" + name + "' has no default");
    if (fallback->is_structured() || fallback->is_null()) {
      return reader.error("default", "a default is a text, a number or a truth");
    }
    values.push_back({name, *fallback, TRY(reader.text("help"))});
  }
  return values;
}

Result<std::vector<Image>> read_images(const Reader& top) {
  std::vector<Image> images;
  for (const Reader& reader : TRY(top.elements("images"))) {
    TRY(reader.only({"name", "reference", "build", "origin"}));
    const std::string name = TRY(reader.text("name"));
    if (!is_word(name)) return reader.error("name", "an image's name consists of letters and digits");
    images.push_back(
        {name, TRY(reader.text("reference")), TRY(reader.text_or("build", "")), TRY(reader.text("origin"))});
  }
  return images;
}

Result<std::optional<Definitions>> read_definitions(const Reader& top) {
  if (top.at("definitions") == nullptr) return std::optional<Definitions>();
  const Reader reader = top.child("definitions");
  TRY(reader.only({"module", "version", "sum", "folder"}));
  return std::optional(Definitions{TRY(reader.text("module")), TRY(reader.text("version")), TRY(reader.text("sum")),
                                   TRY(reader.text("folder"))});
}

Result<std::vector<Ready>> read_ready(const Reader& top) {
  std::vector<Ready> all;
  for (const Reader& reader : TRY(top.elements("ready"))) {
    TRY(reader.only({"kind", "namespace", "name", "condition"}));
    all.push_back({TRY(reader.text("kind")), TRY(reader.text_or("namespace", "")), TRY(reader.text("name")),
                   TRY(reader.text("condition")), reader.line()});
  }
  return all;
}

Result<std::vector<Probe>> read_probes(const Reader& top) {
  std::vector<Probe> probes;
  for (const Reader& reader : TRY(top.elements("probes"))) {
    TRY(reader.only({"url", "status"}));
    const auto status = int_at(*reader.here(), "status", 200);
    if (status < 100 || status > 599) return reader.error("status", "'status' must be an HTTP status");
    probes.push_back({TRY(reader.text("url")), static_cast<int>(status)});
  }
  return probes;
}

// `values` are the addon's.
Result<std::optional<HostPort>> read_host_port(const Reader& top, const std::vector<Value>& values) {
  if (top.at("hostPort") == nullptr) return std::optional<HostPort>();
  const Reader reader = top.child("hostPort");
  TRY(reader.only({"namespace", "service", "port", "value"}));
  const auto port = int_at(*reader.here(), "port");
  if (port < 1 || port > 65535) return reader.error("port", "'port' must be 1 to 65535");
  HostPort host_port{TRY(reader.text("namespace")), TRY(reader.text("service")), static_cast<std::uint16_t>(port),
                     TRY(reader.text_or("value", ""))};
  const auto value = std::ranges::find(values, host_port.value, &Value::name);
  const bool number = value != values.end() && value->fallback.is_int64();
  if (!host_port.value.empty() && !number) return reader.error("value", "'value' must name a value that is a number");
  return std::optional(std::move(host_port));
}

Result<std::optional<TunnelDoor>> read_tunnel(const Reader& top) {
  if (top.at("tunnel") == nullptr) return std::optional<TunnelDoor>();
  const Reader reader = top.child("tunnel");
  TRY(reader.only({"name", "namespace", "service", "ports", "ingressClass"}));
  TunnelDoor door{TRY(reader.text("name")),
                  TRY(reader.text("namespace")),
                  TRY(reader.text("service")),
                  {},
                  TRY(reader.text_or("ingressClass", ""))};
  if (!check_profile_name(door.name).ok()) return reader.error("name", "'name' must be of small letters and digits");
  for (const Reader& element : TRY(reader.elements("ports"))) {
    const Json& port = *element.here();
    if (!port.is_int64() || port.get_int64() < 1 || port.get_int64() > 65535) {
      return element.error("", "'ports' must be a list of numbers of 1 to 65535");
    }
    door.ports.push_back(static_cast<std::uint16_t>(port.get_int64()));
  }
  if (door.ports.empty()) return reader.error("", "'ports' is missing");
  return std::optional(std::move(door));
}

Result<YamlDocument> read_description(const Folder& folder) {
  const auto file = std::ranges::find(folder.files, description, &File::path);
  if (file == folder.files.end()) return invalid(folder.location, description, 1, "the file is missing");
  auto documents = parse_yaml(file->content, folder.location + '/' + std::string(description));
  if (!documents.ok()) return make_error(ErrorId::addon_invalid, documents.error().what);
  if (documents->size() != 1) return invalid(folder.location, description, 1, "expected one mapping");
  return std::move(documents->front());
}

}  // namespace

Error invalid(std::string_view location, std::string_view file, int line, std::string_view what) {
  return make_error(ErrorId::addon_invalid, std::string(location) + '/' + std::string(file) + ':' +
                                                std::to_string(line) + ": " + std::string(what));
}

Result<Addon> parse_addon(Folder folder) {
  // It becomes the value of a label and part of an object's name.
  if (!check_profile_name(folder.name).ok()) {
    return invalid(folder.location, description, 1, "the folder's name must be of small letters, digits and dashes");
  }
  YamlDocument document = TRY(read_description(folder));
  const Reader top(document, folder.location, "");
  TRY(top.only({"summary", "maintainer", "aliases", "default", "requires", "conflicts", "values", "images",
                "definitions", "ready", "probes", "hostPort", "tunnel", "endpoint", "notes"}));
  Addon addon;
  addon.name = folder.name;
  addon.summary = TRY(top.text("summary"));
  addon.maintainer = TRY(top.text("maintainer"));
  addon.aliases = TRY(top.texts("aliases"));
  addon.by_default = TRY(top.truth_or("default", false));
  addon.required = TRY(top.texts("requires"));
  addon.conflicts = TRY(top.texts("conflicts"));
  addon.values = TRY(read_values(top));
  addon.images = TRY(read_images(top));
  addon.definitions = TRY(read_definitions(top));
  addon.ready = TRY(read_ready(top));
  addon.probes = TRY(read_probes(top));
  addon.host_port = TRY(read_host_port(top, addon.values));
  addon.tunnel = TRY(read_tunnel(top));
  addon.endpoint = TRY(top.text_or("endpoint", ""));
  addon.notes = TRY(top.text_or("notes", ""));
  addon.folder = std::move(folder);
  addon.lines = std::move(document.lines);
  return addon;
}

}  // namespace skiff::addons
