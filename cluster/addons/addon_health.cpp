// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addon_health.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "addons/objects.h"
#include "base/strings.h"
#include "kube/client.h"

namespace skiff::cluster {
namespace {

bool all_pods_available(const Json& object) {
  const auto status = [&](std::string_view field) { return int_at(object, "status." + std::string(field)); };
  if (status("observedGeneration") < int_at(object, "metadata.generation")) return false;
  if (text_at(object, "kind") == "DaemonSet") {
    const auto wanted = status("desiredNumberScheduled");
    return status("updatedNumberScheduled") == wanted && status("numberAvailable") == wanted;
  }
  const auto wanted = int_at(object, "spec.replicas", 1);
  return status("updatedReplicas") == wanted && status("availableReplicas") == wanted && status("replicas") == wanted;
}

// The statuses of all its containers, those of init containers first.
std::vector<Json> container_statuses(const Json& pod) {
  std::vector<Json> all;
  for (const std::string_view list : {"status.initContainerStatuses", "status.containerStatuses"}) {
    for (const auto& status : array_at(pod, list)) all.push_back(status);
  }
  return all;
}

bool is_well(const Json& container) {
  return bool_at(container, "ready") || text_at(container, "state.terminated.reason") == "Completed";
}

// "CrashLoopBackOff: back-off 10s ..." of a container's state or last state; empty when it runs, or there is none.
std::string reason_in(const Json& container, const std::string& which) {
  for (const std::string_view kind : {".waiting", ".terminated"}) {
    const Json* at = find(container, which + std::string(kind));
    if (at == nullptr) continue;
    std::string reason = text_at(*at, "reason", "unknown reason");
    if (const auto code = int_at(*at, "exitCode"); code != 0) reason += " (exit code " + std::to_string(code) + ")";
    if (const std::string message(trim(text_at(*at, "message"))); !message.empty()) reason.append(": ").append(message);
    return reason;
  }
  return {};
}

std::string unscheduled_reason(const Json& pod) {
  for (const auto& condition : array_at(pod, "status.conditions")) {
    if (text_at(condition, "type") == "PodScheduled" && text_at(condition, "status") == "False") {
      return text_at(condition, "reason") + ": " + text_at(condition, "message");
    }
  }
  return {};
}

}  // namespace

bool has_reached(const Json& object, std::string_view condition) {
  static const std::set<std::string, std::less<>> workloads = {"Deployment", "DaemonSet", "StatefulSet"};
  if (condition == "Available" && workloads.contains(text_at(object, "kind"))) return all_pods_available(object);
  return kube::has_condition(object, condition);
}

bool tells_readiness(const Json& workload) {
  const Json* pods = addons::pod_template(workload);
  return pods == nullptr || std::ranges::all_of(array_at(*pods, "spec.containers"), [](const Json& container) {
           return find(container, "readinessProbe") != nullptr;
         });
}

std::string trouble_of(const Json& pod) {
  const std::string name = "pod " + text_at(pod, "metadata.namespace") + '/' + text_at(pod, "metadata.name");
  if (const auto reason = unscheduled_reason(pod); !reason.empty()) return name + ": " + reason;
  for (const auto& container : container_statuses(pod)) {
    if (is_well(container)) continue;
    const std::string now = reason_in(container, "state");
    const std::string last = reason_in(container, "lastState");
    std::string trouble = name + ", container " + text_at(container, "name") + ": ";
    trouble += now.empty() ? "not ready" : now;
    if (!last.empty()) trouble.append(", after ").append(last);
    return trouble;
  }
  if (text_at(pod, "status.phase") == "Failed") {
    return name + ": " + text_at(pod, "status.reason") + ": " + text_at(pod, "status.message");
  }
  return {};
}

bool is_hopeless(const Json& pod) {
  static const std::set<std::string, std::less<>> final_reasons = {"ImagePullBackOff", "ErrImageNeverPull",
                                                                   "InvalidImageName", "CreateContainerConfigError"};
  constexpr int restarts = 1;  // the first crash may have been for want of another pod
  if (unscheduled_reason(pod).find("free ports") != std::string::npos) return true;  // the scheduler has no word for it
  const auto statuses = container_statuses(pod);
  return std::ranges::any_of(statuses, [](const Json& container) {
    const std::string reason = text_at(container, "state.waiting.reason");
    return final_reasons.contains(reason) ||
           (reason == "CrashLoopBackOff" && int_at(container, "restartCount") >= restarts);
  });
}

bool waits_for_image(const Json& pod, const std::set<std::string>& images) {
  const auto statuses = container_statuses(pod);
  return std::ranges::any_of(statuses, [&](const Json& container) {
    const std::string reason = text_at(container, "state.waiting.reason");
    return (reason == "ErrImagePull" || reason == "ImagePullBackOff") && images.contains(text_at(container, "image"));
  });
}

std::optional<long long> restarts_when_well(const JsonArray& pods) {
  long long restarts = 0;
  for (const auto& pod : pods) {
    if (find(pod, "metadata.deletionTimestamp") != nullptr) continue;
    if (!trouble_of(pod).empty()) return std::nullopt;
    for (const auto& container : container_statuses(pod)) restarts += int_at(container, "restartCount");
  }
  return restarts;
}

Failing failing_container(const Json& pod) {
  for (const auto& container : container_statuses(pod)) {
    if (is_well(container)) continue;
    const bool has_run = find(container, "lastState.terminated") != nullptr;
    const bool runs = find(container, "state.waiting") == nullptr;
    if (has_run || runs) return {text_at(container, "name"), has_run && !runs};
  }
  return {};
}

Result<ProbeTarget> parse_probe_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const Error wrong =
      make_error(ErrorId::addon_invalid,
                 "A probe's URL must be like http://name.namespace:80/path, not '" + std::string(url) + "'");
  if (!url.starts_with(scheme)) return wrong;
  const auto rest = url.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  const auto colon = std::min(authority.find(':'), authority.size());
  ProbeTarget target{std::string(authority.substr(0, colon)), 80, std::string(rest.substr(slash))};
  if (target.path.empty()) target.path = "/";
  if (colon < authority.size()) {
    const auto port = authority.substr(colon + 1);
    const auto parsed = std::from_chars(port.data(), port.data() + port.size(), target.port);
    if (parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size()) return wrong;
  }
  if (target.host.empty() || target.port == 0) return wrong;
  return target;
}

int status_in(std::string_view answer) {
  const auto space = answer.find(' ');
  if (!answer.starts_with("HTTP/") || space == std::string_view::npos || answer.size() < space + 4) return 0;
  int status = 0;
  std::from_chars(answer.data() + space + 1, answer.data() + space + 4, status);
  return status;
}

}  // namespace skiff::cluster
