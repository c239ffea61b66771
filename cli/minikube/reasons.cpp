// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/reasons.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"

namespace skiff::cli::minikube {
namespace {

// As minikube's reference of its errors lists them.
constexpr auto reasons = std::to_array<std::pair<ErrorId, Reason>>({
    {ErrorId::usage, {"MK_USAGE", 14}},
    {ErrorId::internal, {"MK_INTERNAL", 10}},
    {ErrorId::config_invalid, {"HOST_CONFIG_LOAD", 38}},
    {ErrorId::profile_not_found, {"MK_PROFILE_NOT_FOUND", 85}},
    {ErrorId::node_not_found, {"GUEST_NODE_RETRIEVE", 80}},
    {ErrorId::cluster_not_running, {"GUEST_NOT_RUNNING", 89}},
    {ErrorId::disk_full, {"RSRC_DOCKER_STORAGE", 26}},
    {ErrorId::too_little_memory, {"RSRC_OVER_ALLOC_MEM", 23}},
    {ErrorId::memory_too_small, {"RSRC_INSUFFICIENT_REQ_MEMORY", 23}},
    {ErrorId::driver_not_found, {"DRV_UNSUPPORTED_OS", 56}},
    {ErrorId::subnet_conflict, {"IF_SUBNET", 51}},
    {ErrorId::docker_not_running, {"PROVIDER_DOCKER_NOT_RUNNING", 69}},
    {ErrorId::docker_permission, {"PROVIDER_DOCKER_NEWGRP", 67}},
    {ErrorId::image_not_found, {"GUEST_IMAGE_LOAD", 80}},
    {ErrorId::image_invalid, {"GUEST_IMAGE_LOAD", 80}},
    {ErrorId::image_unsupported, {"GUEST_IMAGE_LOAD", 80}},
    {ErrorId::node_timeout, {"GUEST_START", 80}},
    {ErrorId::node_failed, {"GUEST_PROVISION", 80}},
    {ErrorId::kube_unreachable, {"K8S_APISERVER_MISSING", 105}},
    {ErrorId::addon_not_found, {"MK_ADDON_ENABLE", 10}},
    {ErrorId::addon_failed, {"MK_ADDON_ENABLE", 10}},
    {ErrorId::addon_conflict, {"MK_ADDON_ENABLE", 10}},
    {ErrorId::service_not_found, {"SVC_NOT_FOUND", 115}},
    {ErrorId::service_timeout, {"SVC_TIMEOUT", 112}},
    {ErrorId::service_unreachable, {"SVC_UNREACHABLE", 119}},
    {ErrorId::tunnel_conflict, {"SVC_TUNNEL_ALREADY_RUNNING", 111}},
});

}  // namespace

Reason reason_of(ErrorId id) {
  const auto found = std::ranges::find(reasons, id, [](const auto& reason) { return reason.first; });
  return found != reasons.end() ? found->second : Reason{info(id).name, info(id).exit_code};
}

std::string in_its_words(std::string_view text) {
  const std::string quoted = replace_all(text, "'skiff ", "'minikube ");
  return replace_all(quoted, ": skiff ", ": minikube ");
}

}  // namespace skiff::cli::minikube
