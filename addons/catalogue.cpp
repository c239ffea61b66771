// SPDX-License-Identifier: Apache-2.0
#include "addons/catalogue.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/strings.h"
#include "sys/files.h"

namespace skiff::addons {
namespace {

bool has_alias(const Entry& entry, std::string_view name) {
  return entry.addon.ok() && std::ranges::find(entry.addon->aliases, name) != entry.addon->aliases.end();
}

struct Row {
  std::string_view name, why, advice;
};
constexpr std::array rows = {
#define SKIFF_ELSEWHERE(name, why, advice) Row{name, why, advice},
#include "addons/minikube_names.def"
#undef SKIFF_ELSEWHERE
};

// What minikube has under this name and skiff has not; nothing for other names.
std::optional<Error> elsewhere(std::string_view name) {
  const auto* row = std::ranges::find(rows, name, &Row::name);
  if (row == rows.end()) return std::nullopt;
  return make_error(ErrorId::unsupported,
                    "minikube's addon '" + std::string(name) + "' is not one of skiff's: " + std::string(row->why),
                    std::string(row->advice));
}

}  // namespace

std::vector<std::string_view> names_elsewhere() {
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

std::vector<Folder> embedded_folders() {
  std::map<std::string, Folder> folders;
  for (const auto& file : embedded_files()) {
    const auto slash = file.path.find('/');
    const std::string name(file.path.substr(0, slash));
    Folder& folder = folders[name];
    folder.name = name;
    folder.location = "addons/" + name;
    folder.built_in = true;
    folder.files.push_back({std::string(file.path.substr(slash + 1)), std::string(file.content)});
  }
  std::vector<Folder> all;
  for (auto& [name, folder] : folders) {
    std::ranges::sort(folder.files, {}, &File::path);
    all.push_back(std::move(folder));
  }
  return all;
}

Result<std::vector<Folder>> read_folders(const std::string& root) {
  std::vector<Folder> folders;
  for (const auto& name : sys::list_folder(root)) {
    Folder folder{name, root + '/' + name, /*built_in=*/false, {}};
    auto description = TRY(sys::read_file_if_there(folder.location + "/addon.yaml"));
    if (!description) continue;
    folder.files.push_back({"addon.yaml", *std::move(description)});
    for (const auto& manifest : sys::list_folder(folder.location + "/manifests")) {
      if (!manifest.ends_with(".yaml") && !manifest.ends_with(".yml")) continue;
      const std::string path = "manifests/" + manifest;
      folder.files.push_back({path, TRY(sys::read_file(folder.location + '/' + path))});
    }
    folders.push_back(std::move(folder));
  }
  return folders;
}

Catalogue make_catalogue(std::vector<Folder> own) {
  std::map<std::string, Folder> folders;
  for (auto& folder : own) folders.emplace(folder.name, std::move(folder));
  for (auto& folder : embedded_folders()) folders.emplace(folder.name, std::move(folder));
  Catalogue catalogue;
  for (auto& [name, folder] : folders) catalogue.push_back({name, parse_addon(std::move(folder))});
  return catalogue;
}

Result<Addon> find_addon(const Catalogue& catalogue, std::string_view name) {
  auto found = std::ranges::find(catalogue, name, &Entry::name);
  if (found == catalogue.end()) {
    found = std::ranges::find_if(catalogue, [&](const Entry& entry) { return has_alias(entry, name); });
  }
  if (found != catalogue.end()) return found->addon;
  if (auto known = elsewhere(name)) return *std::move(known);

  std::vector<std::string> known;
  for (const auto& entry : catalogue) {
    known.push_back(entry.name);
    if (entry.addon.ok()) known.insert(known.end(), entry.addon->aliases.begin(), entry.addon->aliases.end());
  }
  return make_error(ErrorId::addon_not_found,
                    "There is no addon '" + std::string(name) + "'" + did_you_mean(name, known));
}

}  // namespace skiff::addons
