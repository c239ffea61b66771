// SPDX-License-Identifier: Apache-2.0
// The profiles of this user on disk: <skiff_home>/profiles/<name>/{profile.yaml, pki/, state/, logs/}, 0700/0600. What
// exists in the provider is never read from here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kube/kubeconfig.h"
#include "kube/pki.h"
#include "model/cluster_spec.h"
#include "sys/files.h"

namespace skiff::cluster {

class ProfileStore {
 public:
  explicit ProfileStore(std::string skiff_home) : home_(std::move(skiff_home)) {}

  const std::string& home() const { return home_; }
  std::vector<std::string> names() const;
  std::string folder(const std::string& profile) const { return home_ + "/profiles/" + profile; }

  // One command at a time changes a profile. Says so through ctx.events when it has to wait; profile_busy at the
  // deadline.
  Result<sys::Lock> lock(const Context& ctx, const std::string& profile) const;

  Result<std::optional<ClusterSpec>> find(const std::string& profile) const;
  Result<ClusterSpec> get(const std::string& profile) const;  // profile_not_found with the nearest name
  Result<void> save(const ClusterSpec& spec) const;
  // A profile that is another than what this home may have under its name.
  Result<void> replace(const ClusterSpec& spec, const kube::Authorities& authorities) const;
  // Which cluster the profile's is, also where profile.yaml is damaged, or was removed after a start that was killed.
  // Nothing when this home knows no cluster of that name.
  std::optional<ClusterId> identity(const std::string& profile) const;
  Result<void> remove(const std::string& profile) const;

  // Set while a start of the cluster is under way. Found set by another command, it means that the start was killed,
  // and that the driver may still be making what it asked for.
  Result<void> mark_unfinished(const ClusterId& cluster) const;
  Result<void> mark_finished(const std::string& profile) const;
  // All that this home has of the profile, the file of its lock last; for who holds that lock and is done.
  Result<void> forget(const std::string& profile) const;
  bool unfinished(const std::string& profile) const;

  // The authorities of the profile, made and saved on first use.
  Result<kube::Authorities> authorities(const std::string& profile) const;
  // The certificate of the cluster's authority, by which its entries in a kubeconfig are known; empty while there is
  // none, or when it cannot be read.
  std::string authority_certificate(const std::string& profile) const;
  // The name of its entries in a kubeconfig; where profile.yaml does not tell, the profile's own.
  std::string context(const std::string& profile) const;

 private:
  std::string lock_of(const std::string& profile) const;
  std::string mark_of(const std::string& profile) const;

  std::string home_;
};

}  // namespace skiff::cluster
