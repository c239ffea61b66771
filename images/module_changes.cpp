// SPDX-License-Identifier: Apache-2.0
#include "images/module_changes.h"

#include <filesystem>

#include "base/json.h"
#include "base/strings.h"
#include "images/module_files.h"
#include "sys/files.h"

namespace fs = std::filesystem;

namespace skiff::images {
namespace {

int count_of(std::string_view text, std::string_view part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

bool is_for_tests(const fs::path& path) { return path.filename() == "testdata" || path.string().ends_with("_test.go"); }

// What a build needs of a module. The copy's folders can be written and removed, which those of the cache cannot.
Result<void> copy_sources(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to, error);
  for (auto it = fs::recursive_directory_iterator(from, error); !error && it != fs::end(it); it.increment(error)) {
    const fs::path target = to / it->path().lexically_relative(from);
    if (is_for_tests(it->path())) {
      it.disable_recursion_pending();
    } else if (it->is_directory(error)) {
      fs::create_directories(target, error);
    } else {
      fs::copy_file(it->path(), target, error);
    }
    if (error) break;
  }
  if (!error) return {};
  return make_error(ErrorId::host_error,
                    "Cannot copy " + from.string() + " to " + to.string() + ": " + error.message());
}

}  // namespace

Result<ModuleChanges> parse_changes(std::string_view yaml, const std::string& path) {
  const auto documents = TRY(parse_yaml(yaml, path));
  const Json value = documents.empty() ? Json() : documents.front().value;
  ModuleChanges changes{.module = text_at(value, "module"), .edits = {}};
  for (const auto& edit : array_at(value, "edits")) {
    changes.edits.push_back({.file = text_at(edit, "file"),
                             .from = text_at(edit, "from"),
                             .to = text_at(edit, "to"),
                             .times = static_cast<int>(int_at(edit, "times", 1))});
    const auto& last = changes.edits.back();
    if (last.file.empty() || last.from.empty() || last.to.empty()) {
      return make_error(ErrorId::config_invalid, path + ": an edit lacks 'file', 'from' or 'to'");
    }
  }
  if (!changes.module.empty() && !changes.edits.empty()) return changes;
  return make_error(ErrorId::config_invalid, path + ": 'module' or 'edits' is missing");
}

Result<std::string> edited(const SourceEdit& edit, std::string_view text) {
  const int found = count_of(text, edit.from);
  if (found == edit.times) return replace_all(text, edit.from, edit.to);
  return make_error(ErrorId::image_build_failed, edit.file + ": '" + edit.from + "' is there " + std::to_string(found) +
                                                     " times, not " + std::to_string(edit.times));
}

Result<void> change_module(const Context& ctx, const std::string& go, const ModuleChanges& changes,
                           const std::string& source, const std::string& folder) {
  const std::string copy = folder + "/module";
  TRY(copy_sources(TRY(download_module(ctx, go, changes.module, source)).folder, copy));
  for (const auto& edit : changes.edits) {
    const std::string path = copy + '/' + edit.file;
    const std::string text = TRY(edited(edit, TRY(sys::read_file(path))));
    TRY(sys::write_atomic(path, text, 0644));
  }
  // Relative to the sources: the program records the name, and is to be the same wherever it is built.
  const std::string copy_name = fs::path(copy).lexically_relative(source).generic_string();
  const std::string replacement = "\nreplace " + changes.module + " => " + copy_name + '\n';
  TRY(sys::write_atomic(folder + "/go.mod", TRY(sys::read_file(source + "/go.mod")) + replacement, 0644));
  return sys::write_atomic(folder + "/go.sum", TRY(sys::read_file(source + "/go.sum")), 0644);
}

}  // namespace skiff::images
