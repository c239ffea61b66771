#include "cli/status_fields.h"

namespace skiff::cli {
namespace {

// A kubelet is there or not; what Kubernetes thinks of its node is another matter.
std::string kubelet_word(const std::string& state) {
  if (state == "Ready" || state == "NotReady") return "Running";
  return state == "Unknown" ? state : "Stopped";
}

std::string kubeconfig_word(const Json& status) {
  const std::string api = text_at(status, "api_server");
  return api == "Stopped" ? api : text_at(status, "kubeconfig");
}

// As Go writes a time.
std::string time_to_stop(const Json& status) {
  const long long seconds = int_at(status, "stops_in_s", -1);
  if (seconds < 0) return "";
  const long long minutes = seconds / 60;
  std::string text = std::to_string(seconds % 60) + "s";
  if (minutes > 0) text.insert(0, std::to_string(minutes % 60) + "m");
  if (minutes >= 60) text.insert(0, std::to_string(minutes / 60) + "h");
  return text;
}

}  // namespace

std::vector<JsonObject> status_fields(const Json& status) {
  std::vector<JsonObject> nodes;
  for (const auto& node : array_at(status, "nodes")) {
    const bool worker = text_at(node, "role") == "worker";
    nodes.push_back({{"Name", text_at(node, "name")},
                     {"Host", text_at(node, "host")},
                     {"Kubelet", kubelet_word(text_at(node, "kubelet"))},
                     {"APIServer", worker ? "Irrelevant" : text_at(status, "api_server")},
                     {"Kubeconfig", worker ? "Irrelevant" : kubeconfig_word(status)},
                     {"Worker", worker},
                     {"TimeToStop", time_to_stop(status)},
                     {"DockerEnv", ""},
                     {"PodManEnv", ""}});
  }
  return nodes;
}

}  // namespace skiff::cli
