// What the user said about Kubernetes itself, into the settings that the cluster has.
#pragma once

#include "cluster/request/resolve.h"

namespace skiff::cluster {

// A saved value wins over the default; a flag may repeat it but not change it.
template <class T>
Result<void> keep(T& field, const std::optional<T>& wanted, bool saved, std::string_view flag) {
  if (!wanted || *wanted == field) return {};
  if (saved) {
    return make_error(ErrorId::profile_conflict,
                      "The profile was made with another " + std::string(flag) + ", which cannot change later");
  }
  field = *wanted;
  return {};
}

// Pure. `saved`: the settings are those of a cluster that exists. usage or profile_conflict.
Result<void> resolve_kubernetes(KubernetesSettings& settings, const KubernetesRequest& request, bool saved);

}  // namespace skiff::cluster
