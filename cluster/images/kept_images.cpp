// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/kept_images.h"

#include <algorithm>
#include <filesystem>

#include "base/strings.h"
#include "cluster/images/node_images.h"
#include "cluster/nodes/node_access.h"
#include "sys/files.h"

namespace skiff::cluster {
namespace {

std::string file_of(const Home& home, const std::string& profile) { return home.store.folder(profile) + "/images"; }

Result<void> write(const Home& home, const std::string& profile, const std::vector<std::string>& images) {
  return sys::write_atomic(file_of(home, profile), images.empty() ? "" : join(images, "\n") + "\n");
}

// A file is meant wherever the next start is typed.
std::string noted(const std::string& word) {
  std::error_code error;
  const bool file = std::filesystem::is_regular_file(word, error);
  return file ? std::filesystem::absolute(word, error).string() : word;
}

}  // namespace

Result<std::vector<std::string>> kept_images(const Home& home, const std::string& profile) {
  std::vector<std::string> images;
  for (const auto& line : split(TRY(sys::read_file_if_there(file_of(home, profile))).value_or(""), '\n')) {
    if (!line.empty()) images.push_back(line);
  }
  return images;
}

Result<void> keep_images(const Context& ctx, const Home& home, const std::string& profile,
                         const std::vector<std::string>& images) {
  const auto opened = TRY(open_profile(home, profile));
  if (!TRY(all_or_no_nodes(ctx, opened)).empty()) TRY(load_images(ctx, home, profile, images));
  const auto lock = TRY(home.store.lock(ctx, profile));
  auto all = TRY(kept_images(home, profile));
  for (const auto& image : images) {
    if (std::ranges::find(all, noted(image)) == all.end()) all.push_back(noted(image));
  }
  return write(home, profile, all);
}

Result<std::vector<std::string>> profiles_with_lists(const Home& home, const std::string& profile, bool named) {
  if (named || home.store.names().empty() || TRY(home.store.find(profile))) {
    TRY(home.store.get(profile));
    return std::vector{profile};
  }
  return home.store.names();
}

Result<void> forget_images(const Context& ctx, const Home& home, const std::string& profile,
                           const std::vector<std::string>& images) {
  TRY(home.store.get(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  auto all = TRY(kept_images(home, profile));
  for (const auto& image : images) {
    if (std::erase(all, noted(image)) > 0) continue;
    return make_error(ErrorId::image_not_found, "'" + image + "' is not in the list" + did_you_mean(image, all),
                      "'skiff cache list' shows it");
  }
  return write(home, profile, all);
}

Result<void> load_kept_images(const Context& ctx, const Home& home, const std::string& profile) {
  const auto images = TRY(kept_images(home, profile));
  if (images.empty()) return {};
  TRY(load_images(ctx, home, profile, images));
  return {};
}

}  // namespace skiff::cluster
