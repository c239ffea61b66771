// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/home_files.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "kube/pki.h"
#include "sys/files.h"

namespace skiff::cluster {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 16U << 20U;

// Made anew whenever a node starts, or its kernel's.
constexpr auto volatile_folders = std::to_array<std::string_view>({"/dev/", "/proc/", "/run/", "/sys/", "/tmp/"});

Error invalid(const std::string& path, const std::string& why) {
  return make_error(ErrorId::config_invalid, path + " " + why, "Move it away, then start again");
}

// The regular files below a folder, links followed; none where there is no folder.
Result<std::vector<fs::path>> regular_files(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  if (!fs::exists(folder, error)) return found;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->is_regular_file(error)) found.push_back(it->path());
  }
  if (error) return make_error(ErrorId::host_error, "Cannot read " + folder.string() + ": " + error.message());
  std::ranges::sort(found);
  return found;
}

Result<void> add_plain(const fs::path& folder, std::vector<TreeFile>& files) {
  for (const auto& path : TRY(regular_files(folder))) {
    const std::string target = "/" + path.lexically_relative(folder).string();
    const auto inside = [&](std::string_view other) { return target.starts_with(other); };
    if (std::ranges::any_of(volatile_folders, inside)) return invalid(path, "would not last in a node");
    std::error_code error;
    const bool executable = (fs::status(path, error).permissions() & fs::perms::owner_exec) != fs::perms::none;
    files.push_back({target, TRY(sys::read_file(path)), executable ? 0755 : 0644});
  }
  return {};
}

constexpr std::string_view trusted_folder = "/etc/ssl/certs/";

bool is_certificate_name(const fs::path& path) { return path.extension() == ".pem" || path.extension() == ".crt"; }

// Certificates among the plain files, at the place where a node looks for those it trusts: they are meant to be
// trusted.
void trust_plain(std::vector<TreeFile>& files) {
  const auto plain = files;
  for (const auto& file : plain) {
    if (!file.path.starts_with(trusted_folder) || !is_certificate_name(file.path)) continue;
    kube::trust(file.path.substr(trusted_folder.size()), file.content, files);
  }
}

}  // namespace

Result<std::vector<TreeFile>> home_files(const std::string& home) {
  std::vector<TreeFile> files;
  TRY(add_plain(fs::path(home) / "files", files));
  trust_plain(files);
  std::size_t bytes = 0;
  for (const auto& file : files) bytes += file.content.size();
  if (bytes > most_bytes) return invalid(home + "/files", "holds more than the 16 MiB that nodes are given");
  return files;
}

Result<std::vector<Authority>> home_authorities(const std::string& home, Events& events) {
  std::vector<Authority> authorities;
  for (const auto& path : TRY(regular_files(fs::path(home) / "certs"))) {
    if (!is_certificate_name(path)) continue;
    auto some = authorities_in(path.filename(), TRY(sys::read_file(path)), events);
    if (some.empty()) events.warning(path.string() + " is no certificate, and is left out");
    authorities.insert(authorities.end(), some.begin(), some.end());
  }
  return authorities;
}

std::vector<Authority> authorities_in(const std::string& name, const std::string& pem, Events& events) {
  std::vector<Authority> authorities;
  std::vector<TreeFile> unused;
  for (auto& certificate : kube::certificates_in(pem)) {
    const fs::path file = name;
    const std::string number = authorities.empty() ? "" : "-" + std::to_string(authorities.size() + 1);
    const std::string its_name = file.stem().string() + number + file.extension().string();
    if (!kube::trust(its_name, certificate, unused)) continue;
    if (kube::has_expired(certificate)) {
      events.warning("The certificate " + its_name + " has expired: nodes trust nothing that its authority has signed");
    }
    authorities.push_back({its_name, std::move(certificate)});
  }
  return authorities;
}

}  // namespace skiff::cluster
