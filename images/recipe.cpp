// SPDX-License-Identifier: Apache-2.0
#include "images/recipe.h"

#include <algorithm>
#include <ctime>
#include <set>

#include "base/json.h"
#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::images {
namespace {

std::vector<std::string> texts_at(const Json& value, std::string_view key) {
  std::vector<std::string> texts;
  for (const auto& element : array_at(value, key)) texts.push_back(text_at(element, ""));
  return texts;
}

// The folder `relative` as seen from the recipe `name`: "." is the recipe's own.
std::string folder_of(std::string_view name, const std::string& relative) {
  if (relative.empty()) return {};
  return relative == "." ? std::string(name) : std::string(name) + '/' + relative;
}

Result<std::string> required(const Json& value, std::string_view key, std::string_view recipe) {
  std::string text = text_at(value, key);
  if (!text.empty()) return text;
  return make_error(ErrorId::config_invalid,
                    "images/" + std::string(recipe) + "/image.yaml: '" + std::string(key) + "' is missing");
}

// Where the files lie that are others in a version.
std::string overlay_of(std::string_view recipe, std::string_view kubernetes) {
  return folder_of(recipe, "versions/" + std::string(kubernetes));
}

GoBuild parse_go(std::string_view recipe, const Json& part, std::string_view kubernetes) {
  const std::string over = overlay_of(recipe, kubernetes) + '/' + text_at(part, "go");
  GoBuild build{.module = folder_of(recipe, text_at(part, "go")),
                .packages = texts_at(part, "packages"),
                .tags = texts_at(part, "tags"),
                .variables = {},
                .into = text_at(part, "into"),
                .links = texts_at(part, "links"),
                .cgo = bool_at(part, "cgo"),
                .changes = text_at(part, "changes"),
                .over = files_below(over).empty() ? "" : over};
  const auto* variables = find(part, "variables");
  if (const auto* texts = variables != nullptr ? variables->if_object() : nullptr) {
    for (const auto& [name, value] : *texts) build.variables[name] = text_at(value, "");
  }
  return build;
}

DebianBuild parse_debian(const Json& part) {
  return {.suite = text_at(part, "debian"),
          .packages = texts_at(part, "packages"),
          .drop = texts_at(part, "drop"),
          .keep = texts_at(part, "keep"),
          .unpack = bool_at(part, "unpack"),
          .then = text_at(part, "then"),
          .renewed = {}};
}

Result<Part> parse_part(std::string_view recipe, const Json& value, std::string_view kubernetes) {
  Part part;
  part.name = TRY(required(value, "name", recipe));
  part.summary = TRY(required(value, "summary", recipe));
  part.disk_mib = static_cast<int>(int_at(value, "disk_mib"));
  if (find(value, "go") != nullptr) {
    TRY(required(value, "into", recipe));
    part.build = parse_go(recipe, value, kubernetes);
  } else {
    TRY(required(value, "debian", recipe));
    part.build = parse_debian(value);
  }
  return part;
}

// "37" of "v1.37.2".
std::string minor_of(std::string_view kubernetes) {
  const auto parts = split(kubernetes, '.');
  return parts.size() == 3 ? std::string(parts[1]) : "";
}

std::string renewal_file() { return sys::cache_folder() + "/debian-renewed"; }

// Every piece with its length before it, so that no two lists of pieces give the same text.
class Digest {
 public:
  void add(std::string_view piece) { text_ += std::to_string(piece.size()) + ':' + std::string(piece); }
  void add(std::span<const RecipeFile> files) {
    for (const auto& file : files) {
      add(file.path);
      add(file.executable ? "x" : "-");
      add(file.content);
    }
  }
  std::string hex() const { return sys::sha256_hex(text_).substr(0, 12); }

 private:
  std::string text_;
};

}  // namespace

Result<Recipe> parse_recipe(std::string_view name, std::string_view yaml, std::string_view kubernetes) {
  const std::string text =
      replace_all(replace_all(yaml, "${kubernetes}", kubernetes), "${minor}", minor_of(kubernetes));
  const auto documents = TRY(parse_yaml(text, "images/" + std::string(name) + "/image.yaml"));
  const Json value = documents.empty() ? Json() : documents.front().value;
  Recipe recipe{.name = std::string(name),
                .summary = TRY(required(value, "summary", name)),
                .reference = TRY(required(value, "reference", name)),
                .disk_mib = static_cast<int>(int_at(value, "disk_mib", 500)),
                .entrypoint = texts_at(value, "entrypoint"),
                .command = texts_at(value, "command"),
                .parts = {},
                .files = folder_of(name, text_at(value, "files")),
                .images = texts_at(value, "images"),
                .kubernetes = std::string(kubernetes)};
  for (const auto& part : array_at(value, "parts")) recipe.parts.push_back(TRY(parse_part(name, part, kubernetes)));
  return recipe;
}

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const auto& file : recipe_files()) {
    if (file.path.ends_with("/image.yaml")) names.emplace_back(file.path.substr(0, file.path.find('/')));
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> kubernetes_versions() {
  std::set<std::string, std::greater<>> older;
  for (const auto& file : files_below("node/versions")) older.emplace(file.path.substr(0, file.path.find('/')));
  std::vector<std::string> all = {std::string(versions::kubernetes)};
  all.insert(all.end(), older.begin(), older.end());
  return all;
}

Result<Recipe> find_recipe(std::string_view name, std::string_view kubernetes) {
  if (const auto known = kubernetes_versions(); std::ranges::find(known, kubernetes) == known.end()) {
    return make_error(ErrorId::image_not_found, "There is no recipe for Kubernetes " + std::string(kubernetes),
                      "Versions there are: " + join(known, ", "));
  }
  for (const auto& file : recipe_files()) {
    if (file.path != std::string(name) + "/image.yaml") continue;
    Recipe recipe = TRY(parse_recipe(name, file.content, kubernetes));
    const auto renewed = sys::read_file(renewal_file());
    for (auto& part : recipe.parts) {
      auto* const debian = std::get_if<DebianBuild>(&part.build);
      if (debian != nullptr && renewed.ok()) debian->renewed = *renewed;
    }
    return recipe;
  }
  return make_error(ErrorId::image_not_found, "There is no recipe for an image '" + std::string(name) + "'",
                    "Recipes there are: " + join(recipe_names(), ", "));
}

Result<std::vector<Recipe>> all_recipes() {
  std::vector<Recipe> all;
  for (const auto& name : recipe_names()) {
    std::set<std::string> seen;
    for (const auto& kubernetes : kubernetes_versions()) {
      Recipe recipe = TRY(find_recipe(name, kubernetes));
      if (seen.insert(TRY(content_hash(recipe))).second) all.push_back(std::move(recipe));
    }
  }
  return all;
}

Result<std::string> renew_debian_parts() {
  const auto before = sys::read_file(renewal_file());
  TRY(sys::make_folders(sys::cache_folder()));
  TRY(sys::write_atomic(renewal_file(), std::to_string(std::time(nullptr)), 0644));
  return before.ok() ? *before : std::string();
}

Result<void> restore_debian_parts(const std::string& before) {
  if (before.empty()) return sys::remove_tree(renewal_file());
  return sys::write_atomic(renewal_file(), before, 0644);
}

std::vector<RecipeFile> files_below(std::string_view folder) {
  std::vector<RecipeFile> files;
  for (RecipeFile file : recipe_files()) {
    if (!file.path.starts_with(folder) || file.path.substr(folder.size(), 1) != "/") continue;
    file.path.remove_prefix(folder.size() + 1);
    files.push_back(file);
  }
  std::ranges::sort(files, {}, &RecipeFile::path);
  return files;
}

std::vector<RecipeFile> sources_of(const GoBuild& build) {
  if (build.over.empty()) return files_below(build.module);
  std::vector<RecipeFile> files = files_below(build.over);
  for (const auto& file : files_below(build.module)) {
    if (std::ranges::find(files, file.path, &RecipeFile::path) == files.end()) files.push_back(file);
  }
  std::ranges::sort(files, {}, &RecipeFile::path);
  return files;
}

std::string content_hash(const Part& part) {
  Digest digest;
  const auto arguments = std::visit([](const auto& build) { return build_arguments(build, "output"); }, part.build);
  for (const auto& argument : arguments) digest.add(argument);
  const auto* debian = std::get_if<DebianBuild>(&part.build);
  if (debian != nullptr && !debian->renewed.empty()) digest.add(debian->renewed);
  if (const auto* go = std::get_if<GoBuild>(&part.build)) digest.add(sources_of(*go));
  return digest.hex();
}

Result<std::string> content_hash(const Recipe& recipe) {
  Digest digest;
  auto files = files_below(recipe.name);
  std::erase_if(files, [](const auto& file) { return file.path.starts_with("versions/"); });  // its own is in its parts
  digest.add(files);
  for (const auto& part : recipe.parts) digest.add(content_hash(part));
  for (const auto& image : recipe.images) digest.add(TRY(content_hash(TRY(find_recipe(image, recipe.kubernetes)))));
  return digest.hex();
}

std::vector<std::string> build_arguments(const GoBuild& build, const std::string& output) {
  std::string link_flags = "-s -w";
  if (build.cgo) link_flags += " -linkmode external -extldflags -static";
  for (const auto& [name, value] : build.variables) link_flags.append(" -X ").append(name).append("=").append(value);
  std::vector<std::string> arguments = {"build", "-v", "-mod=readonly", "-trimpath", "-buildvcs=false"};
  if (!build.tags.empty()) arguments.push_back("-tags=" + join(build.tags, ","));
  if (!build.changes.empty()) arguments.push_back("-modfile=../changed/go.mod");  // seen from the sources
  arguments.insert(arguments.end(), {"-ldflags=" + link_flags, "-o", output});
  arguments.insert(arguments.end(), build.packages.begin(), build.packages.end());
  return arguments;
}

std::vector<std::string> build_arguments(const DebianBuild& build, const std::string& output) {
  std::vector<std::string> drop = {"/usr/share/doc/*", "/usr/share/info/*", "/usr/share/lintian/*",
                                   "/usr/share/locale/*", "/usr/share/man/*"};
  drop.insert(drop.end(), build.drop.begin(), build.drop.end());
  // Perl serves only the packages' own installation; without their lists nothing can be installed later, nor need be.
  // Name servers and name are those of the host that builds.
  const std::string clean_up =
      R"(cd "$1" && rm -rf usr/bin/perl* usr/share/perl* usr/lib/*/perl* usr/lib/*/libperl* usr/lib/*/gconv )"
      "var/lib/dpkg/info var/cache/* var/log/* etc/resolv.conf etc/hostname";
  // The packages' names say nothing about what was built: their versions are the day's.
  const std::string list = build.unpack
                               ? R"(for file in "$1"/var/cache/apt/archives/*.deb; do dpkg-deb -W "$file"; done)"
                               : R"(dpkg-query --admindir="$1/var/lib/dpkg" -W)";
  std::vector<std::string> arguments = {build.unpack ? "--variant=extract" : "--variant=essential", "--skip=output/dev",
                                        "--format=tar", "--include=" + join(build.packages, ",")};
  for (const auto& pattern : drop) arguments.push_back("--dpkgopt=path-exclude=" + pattern);
  for (const auto& pattern : build.keep) arguments.push_back("--dpkgopt=path-include=" + pattern);
  arguments.push_back((build.unpack ? "--extract-hook=" : "--customize-hook=") + list + " >'" + output + ".packages'");
  if (!build.unpack) arguments.push_back("--customize-hook=" + clean_up);
  if (!build.then.empty()) {  // nothing is installed when packages are only unpacked, so that is the last hook there
    arguments.push_back((build.unpack ? "--extract-hook=cd \"$1\" && " : "--customize-hook=cd \"$1\" && ") +
                        build.then);
  }
  arguments.insert(arguments.end(), {build.suite, output});
  return arguments;
}

}  // namespace skiff::images
