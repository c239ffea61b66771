// SPDX-License-Identifier: Apache-2.0
#include "cli/text/status_fields.h"

namespace skiff::cli {
namespace {

// A kubelet is there or not; what Kubernetes thinks of its node is another matter.
std::string kubelet_word(const std::string& state) {
  if (state == "Ready" || state == "NotReady") return "Running";
  return state == "Unknown" ? state : "Stopped";
}

// Hosts are neither paused nor saved in these words.
std::string host_word(const std::string& state) {
  if (state == "Paused") return "Running";
  return state == "Saved" || state == "Broken" ? "Stopped" : state;
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
    const std::string host = host_word(text_at(node, "host"));
    const bool down = host == "Stopped" || host == "Nonexistent";  // all of the node is what its host is
    const auto of_control_plane = [&](std::string_view field) {
      const std::string own = text_at(node, field);  // one of several control planes has its own API server
      const std::string state = own.empty() ? text_at(status, field) : own;
      if (down) return std::string(host);
      if (worker) return std::string("Irrelevant");
      // An API that is not to be there is stopped, in these words; only a kubeconfig may be irrelevant.
      return state == "Irrelevant" && field == "api_server" ? std::string("Stopped") : state;
    };
    nodes.push_back({{"Name", text_at(node, "name")},
                     {"Host", host},
                     {"Kubelet", down ? host : kubelet_word(text_at(node, "kubelet"))},
                     {"APIServer", of_control_plane("api_server")},
                     {"Kubeconfig", of_control_plane("kubeconfig")},
                     {"Worker", worker},
                     {"TimeToStop", time_to_stop(status)},
                     {"DockerEnv", ""},
                     {"PodManEnv", ""}});
  }
  return nodes;
}

}  // namespace skiff::cli
