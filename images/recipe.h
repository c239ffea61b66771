// SPDX-License-Identifier: Apache-2.0
// Recipes of the images that skiff builds: each folder below images/ is one, described by its image.yaml and embedded
// in the binary. An image is added by adding a folder. Everything here is pure, but that the recipes that find_recipe()
// gives know what renew_debian_parts() has noted in the cache.
//
// The node is built for several versions of Kubernetes. The recipe is that of the newest; what differs for another one
// lies below node/versions/<version>/, over the files of the same names (docs/adr/0064-versions-are-overlays.md).
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/versions.h"

namespace skiff::images {

struct RecipeFile {
  std::string_view path;  // relative to images/: "node/modules/kube/go.mod"
  std::string_view content;
  bool executable;
};
std::span<const RecipeFile> recipe_files();  // all that are embedded

// Programs compiled from a Go module. All of them are installed in one folder.
struct GoBuild {
  std::string module;                 // folder of its go.mod, relative to images/
  std::vector<std::string> packages;  // import paths, "." is the module itself
  std::vector<std::string> tags;
  std::map<std::string, std::string> variables;  // set at link time
  std::string into;                              // folder in the image
  std::vector<std::string> links;                // further names of the first program
  bool cgo = false;                              // C is compiled in as well, and linked statically
  std::string changes;  // a file of the module: edits of a dependency (module_changes.h); empty = none
  std::string over;     // folder of files that lie over the module's, relative to images/; empty = none
};

// A root file system of Debian packages and what they need.
struct DebianBuild {
  std::string suite;
  std::vector<std::string> packages;
  std::vector<std::string> drop;  // path patterns that are not installed ...
  std::vector<std::string> keep;  // ... and exceptions from those
  bool unpack = false;            // the packages' files alone, and of those they depend on: nothing is installed
  std::string then;               // shell commands that run in the result's folder at the end
  std::string renewed;            // when the user last asked for the packages of that day; empty = never
};

// What is built and cached as a whole.
struct Part {
  std::string name;     // unique among all recipes: a folder of the cache, a step of the progress
  std::string summary;  // for people
  int disk_mib = 0;     // needed to build it when nothing is cached, the compiler's own caches included
  std::variant<GoBuild, DebianBuild> build;
};

struct Recipe {
  std::string name;  // its folder
  std::string summary;
  std::string reference;
  int disk_mib = 0;  // needed to put the built parts together
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::vector<Part> parts;
  std::string files;                // folder of files that are laid over the parts, relative to images/; may be empty
  std::vector<std::string> images;  // names of images whose archives it carries
  std::string kubernetes;           // the version that it is for
};

// An Error (config_invalid) names the file and the key that is wrong. ${kubernetes} and ${minor} in the text stand for
// the version: "v1.37.2", "37".
Result<Recipe> parse_recipe(std::string_view name, std::string_view yaml,
                            std::string_view kubernetes = versions::kubernetes);
// The embedded recipe of that name; image_not_found with the names, or the versions, that there are.
Result<Recipe> find_recipe(std::string_view name, std::string_view kubernetes = versions::kubernetes);
std::vector<std::string> recipe_names();
// All of them, those that are for one version of Kubernetes in each.
Result<std::vector<Recipe>> all_recipes();

// From now on the Debian parts are others than those that were built before: the packages of today. The answer is what
// to give back to restore_debian_parts() if they cannot be built. Fails with host_error when the cache cannot be
// written.
Result<std::string> renew_debian_parts();
Result<void> restore_debian_parts(const std::string& before);

// The versions of Kubernetes that nodes can be built for, newest first.
std::vector<std::string> kubernetes_versions();

// The embedded files below a folder, with paths relative to it.
std::vector<RecipeFile> files_below(std::string_view folder);
// Those of a Go module with what lies over them.
std::vector<RecipeFile> sources_of(const GoBuild& build);

// Twelve hexadecimal digits over everything a part, or a whole image with the images in it, is made from.
std::string content_hash(const Part& part);
Result<std::string> content_hash(const Recipe& recipe);

// The command that builds a part into `output` (go: a folder; debian: a tar, with a list of the packages and their
// versions beside it, `output`.packages), without its program's path.
std::vector<std::string> build_arguments(const GoBuild& build, const std::string& output);
std::vector<std::string> build_arguments(const DebianBuild& build, const std::string& output);

}  // namespace skiff::images
