// SPDX-License-Identifier: Apache-2.0
#include "model/folder_mount.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace skiff {
namespace {

// What a node lives of: nothing may cover these, nor what lies below them.
constexpr std::array<std::string_view, 20> of_the_node = {"/bin",          "/boot",
                                                          "/dev",          "/etc",
                                                          "/lib",          "/lib32",
                                                          "/lib64",        "/libx32",
                                                          "/proc",         "/run",
                                                          "/sbin",         "/sys",
                                                          "/usr",          "/skiff",
                                                          "/var/cache",    "/var/lib/containerd",
                                                          "/var/lib/etcd", "/var/lib/kubelet",
                                                          "/var/log",      "/var/run"};
// And these may not be covered themselves; what lies below them may.
constexpr std::array<std::string_view, 6> roots = {"/", "/tmp", "/var", "/var/lib", "/var/tmp", "/root"};

// Without doubled and trailing slashes; nothing when it has "." or "..".
std::string normal(std::string_view path) {
  std::string text;
  for (const auto& part : split(path, '/')) {
    if (part.empty()) continue;
    if (part == "." || part == "..") return "";
    text += "/" + part;
  }
  return text.empty() ? "/" : text;
}

Error refused(const std::string& to, const std::string& why) {
  return make_error(ErrorId::usage, "'" + to + "' " + why, "Name a folder of its own in the nodes, such as /mnt/src");
}

}  // namespace

std::string to_string(const FolderMount& mount) { return mount.from + ":" + mount.to; }

Result<FolderMount> parse_folder_mount(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return make_error(ErrorId::usage, "A mount is written SRC:DST, not '" + std::string(text) + "'",
                      "SRC is a folder of this host, DST where the nodes have it: '.:/mnt/src'");
  }
  const std::string given(text.substr(colon + 1));
  if (!given.starts_with('/')) return refused(given, "is no absolute path in the nodes");
  FolderMount mount{std::string(text.substr(0, colon)), normal(given)};
  if (mount.to.empty()) return refused(given, "has '.' or '..' in it");
  if (std::ranges::any_of(mount.to, [](unsigned char c) { return c < ' ' || c == 0x7F; })) {
    return refused(given, "has control characters in it");
  }
  const auto is_or_below = [&](std::string_view folder) {
    return mount.to == folder || mount.to.starts_with(std::string(folder) + "/");
  };
  if (std::ranges::any_of(of_the_node, is_or_below) || std::ranges::find(roots, mount.to) != roots.end()) {
    return refused(mount.to, "is a folder that the nodes themselves need");
  }
  return mount;
}

}  // namespace skiff
