// SPDX-License-Identifier: Apache-2.0
#include "net/helper/trusted_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <deque>

#include "base/strings.h"

namespace skiff::net {
namespace {

constexpr int most_links = 40;  // the kernel's limit

bool others_may_write(const struct stat& status, uid_t owner) {
  if (status.st_uid != 0 && status.st_uid != owner) return true;
  if (S_ISLNK(status.st_mode)) return false;  // its folder says who may exchange it
  if (S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0) return false;
  return (status.st_mode & S_IWOTH) != 0 || ((status.st_mode & S_IWGRP) != 0 && status.st_gid != 0);
}

void put_first(std::deque<std::string>& parts, const std::string& path) {
  const auto words = split(path, '/');
  parts.insert(parts.begin(), words.begin(), words.end());
}

}  // namespace

std::optional<std::string> part_that_others_may_change(const std::string& path, uid_t owner) {
  if (!path.starts_with('/')) return path;
  std::deque<std::string> parts;  // still to be walked
  put_first(parts, path);
  std::string at;  // where the walk is; empty = "/"
  int links = 0;
  struct stat status{};
  if (::lstat("/", &status) != 0 || others_may_write(status, owner)) return "/";
  while (!parts.empty()) {
    const std::string part = std::move(parts.front());
    parts.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      at.resize(at.empty() ? 0 : at.rfind('/'));
      continue;
    }
    const std::string next = at + "/" + part;
    if (::lstat(next.c_str(), &status) != 0 || others_may_write(status, owner)) return next;
    if (!S_ISLNK(status.st_mode)) {
      at = next;
      continue;
    }
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlink(next.c_str(), target.data(), target.size());
    if (size <= 0 || ++links > most_links) return next;
    const std::string text(target.data(), static_cast<std::size_t>(size));
    if (text.starts_with('/')) at.clear();
    put_first(parts, text);
  }
  return std::nullopt;
}

}  // namespace skiff::net
