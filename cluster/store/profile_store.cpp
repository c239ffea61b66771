// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/profile_store.h"

#include <filesystem>

#include "base/strings.h"
#include "model/profile.h"

namespace skiff::cluster {
namespace {

Result<void> move(const std::string& from, const std::string& to) {
  std::error_code error;
  std::filesystem::rename(from, to, error);
  if (!error) return {};
  return make_error(ErrorId::host_error, "Cannot move " + from + " to " + to + ": " + error.message());
}

// All of them or none: whoever is killed meanwhile leaves a folder that nobody reads.
Result<void> save_authorities(const std::string& folder, const kube::Authorities& authorities) {
  const std::string pki = folder + "/pki";
  const std::string beside = folder + "/pki.new";
  TRY(sys::remove_tree(beside));
  TRY(sys::make_folders(beside + "/etcd"));
  for (const auto& [name, content] : kube::to_files(authorities)) TRY(sys::write_atomic(beside + "/" + name, content));
  TRY(sys::remove_tree(pki));  // at most empty folders: rename(2) does not replace one that holds another
  return move(beside, pki);
}

}  // namespace

std::vector<std::string> ProfileStore::names() const { return sys::list_folder(home_ + "/profiles"); }

std::string ProfileStore::lock_of(const std::string& profile) const { return home_ + "/locks/" + profile; }

Result<sys::Lock> ProfileStore::lock(const Context& ctx, const std::string& profile) const {
  return sys::Lock::acquire(ctx, lock_of(profile), [&] {
    ctx.events->note("Another skiff works on the profile '" + profile + "'; waiting for it");
  });
}

Result<std::optional<ClusterSpec>> ProfileStore::find(const std::string& profile) const {
  TRY(check_profile_name(profile));
  const std::string path = folder(profile) + "/profile.yaml";
  const auto text = TRY(sys::read_file_if_there(path));
  if (!text) return std::optional<ClusterSpec>();
  return std::optional(TRY(parse_profile_yaml(*text, path)));
}

Result<ClusterSpec> ProfileStore::get(const std::string& profile) const {
  auto spec = TRY(find(profile));
  if (spec) return *std::move(spec);
  return make_error(ErrorId::profile_not_found,
                    "There is no profile '" + profile + "'" + did_you_mean(profile, names()),
                    "Make it with 'skiff start -p " + profile + "', or list profiles with 'skiff profile list'");
}

Result<void> ProfileStore::save(const ClusterSpec& spec) const {
  TRY(sys::make_folders(folder(spec.profile)));
  return sys::write_atomic(folder(spec.profile) + "/profile.yaml", to_profile_yaml(spec));
}

// The authorities at once and profile.yaml last: whoever is killed meanwhile leaves a profile that can be started, or
// deleted once more.
Result<void> ProfileStore::remove(const std::string& profile) const {
  const std::string path = folder(profile) + "/";
  TRY(sys::remove_tree(path + "pki.old"));
  if (sys::exists(path + "pki")) TRY(move(path + "pki", path + "pki.old"));
  for (const auto& name : sys::list_folder(path)) {
    if (name != "profile.yaml") TRY(sys::remove_tree(path + name));
  }
  return sys::remove_tree(folder(profile));
}

Result<void> ProfileStore::replace(const ClusterSpec& spec, const kube::Authorities& authorities) const {
  TRY(remove(spec.profile));
  TRY(save_authorities(folder(spec.profile), authorities));
  return save(spec);
}

std::optional<ClusterId> ProfileStore::identity(const std::string& profile) const {
  const std::optional<ClusterSpec> spec = find(profile).value_or(std::nullopt);
  if (spec) return identity_of(*spec);
  // As to_profile_yaml writes it, on a line of its own.
  const std::optional<std::string> text =
      sys::read_file_if_there(folder(profile) + "/profile.yaml").value_or(std::nullopt);
  if (text) {
    for (const auto& line : split(*text, '\n')) {
      if (line.starts_with("id: ")) return ClusterId(profile, std::string(trim(line.substr(4))));
    }
  }
  const std::string mark = sys::read_file_if_there(mark_of(profile)).value_or(std::nullopt).value_or("");
  if (!mark.empty()) return ClusterId(profile, mark);
  return text ? std::optional(ClusterId(profile, "")) : std::nullopt;
}

std::string ProfileStore::mark_of(const std::string& profile) const { return lock_of(profile) + ".unfinished"; }

Result<void> ProfileStore::mark_unfinished(const ClusterId& cluster) const {
  return sys::write_atomic(mark_of(cluster.name), cluster.id);
}

Result<void> ProfileStore::mark_finished(const std::string& profile) const {
  return sys::remove_tree(mark_of(profile));
}

Result<void> ProfileStore::forget(const std::string& profile) const {
  TRY(remove(profile));
  TRY(mark_finished(profile));
  return sys::remove_tree(lock_of(profile));
}

bool ProfileStore::unfinished(const std::string& profile) const { return sys::exists(mark_of(profile)); }

Result<kube::Authorities> ProfileStore::authorities(const std::string& profile) const {
  const std::string pki = folder(profile) + "/pki/";
  std::map<std::string, std::string> files;
  for (const std::string folder : {"", "etcd/"}) {
    for (const auto& name : sys::list_folder(pki + folder)) {
      if (name != "etcd") files[folder + name] = TRY(sys::read_file(pki + folder + name));
    }
  }
  if (!files.empty()) return kube::authorities_from_files(files);

  auto made = TRY(kube::make_authorities());
  TRY(save_authorities(folder(profile), made));
  return made;
}

std::string ProfileStore::context(const std::string& profile) const {
  const auto spec = find(profile);
  return spec.ok() && *spec ? context_of(**spec) : profile;
}

std::string ProfileStore::authority_certificate(const std::string& profile) const {
  return sys::read_file(folder(profile) + "/pki/ca.crt").value_or("");
}

}  // namespace skiff::cluster
