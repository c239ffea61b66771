// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/answers.h"

#include <algorithm>
#include <map>

#include "base/go_template.h"
#include "base/strings.h"
#include "cli/minikube/reasons.h"
#include "cli/minikube/tables.h"
#include "cli/text/status_fields.h"
#include "model/cluster_spec.h"
#include "model/versions.h"

namespace skiff::cli::minikube {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string line(const std::string& text) { return "* " + text + "\n"; }

Said say_start(const Answer& answer, const Json& data, const Speech& speech) {
  if (bool_at(data, "dry_run")) return {.out = answer.text};
  const std::string profile = quoted(text_at(data, "profile"));
  if (bool_at(data, "download_only")) return {.out = line("Download complete!")};
  if (bool_at(data, "no_kubernetes")) return {.out = line("Done! minikube is ready without Kubernetes!")};
  if (bool_at(data, "keep_context")) {
    return {.out = line("Kubernetes is ready. To connect to this cluster, use: --context=" + speech.profile)};
  }
  return {.out = line("Done! kubectl is now configured to use " + profile +
                      " cluster and \"default\" namespace by default")};
}

Said say_stop(const Answer&, const Json& data, const Speech&) {
  if (find(data, "scheduled_in_ms") != nullptr) return {};  // said when it has happened, and by nobody
  if (find(data, "cancelled") != nullptr) {
    const bool none = array_at(data, "cancelled").empty();
    return {.out = line(none ? "No existing scheduled stops were found" : "All existing scheduled stops cancelled")};
  }
  Said said;
  for (const auto& profile : array_at(data, "profiles")) said.out += line("Stopped cluster " + quoted(shown(profile)));
  return said;
}

Said say_delete(const Answer&, const Json& data, const Speech&) {
  Said said;
  for (const auto& profile : array_at(data, "deleted")) {
    said.out += line("Removed all traces of the " + quoted(shown(profile)) + " cluster.");
  }
  return said;
}

Said say_pause(const Answer&, const Json& data, const Speech&) {
  return {.out = line("Paused the containers of " + quoted(text_at(data, "profile")))};
}

Said say_unpause(const Answer&, const Json& data, const Speech&) {
  return {.out = line("Unpaused the containers of " + quoted(text_at(data, "profile")))};
}

Said say_status(const Answer&, const Json& data, const Speech& speech) {
  Said said;
  said.exit_code = status_exit_code(data);
  if (speech.json) {
    said.out = to_text(status_value(data, speech.shape.status_layout == "cluster"));
  } else if (const auto formatted = text_at(data, "formatted"); !formatted.empty()) {
    said.out = formatted;
  } else {
    for (const auto& node : status_fields(data)) said.out += status_text(node);
  }
  return said;
}

Said say_profiles(const Answer&, const Json& data, const Speech& speech) {
  if (speech.json) return {.out = to_text(profiles_value(data, speech.configs(), speech.profile))};
  if (array_at(data, "profiles").empty()) {
    return {.err =
                "\nX Exiting due to MK_USAGE_NO_PROFILE: No minikube profile was found.\n* Suggestion: You can create "
                "one using 'minikube start'.\n",
            .exit_code = 85};
  }
  return {.out = profiles_table(data, speech.configs(), speech.profile)};
}

Said say_profile(const Answer& answer, const Json& data, const Speech&) {
  if (!answer.text.empty()) return {.out = line(std::string(trim(answer.text)))};
  return {.out = line("minikube profile was successfully set to " + text_at(data, "profile"))};
}

Said say_nodes(const Answer&, const Json& data, const Speech& speech) {
  Said said;
  for (const auto& node : array_at(data, "nodes")) {
    said.out += text_at(node, "name") + "\t" + text_at(node, "address") + "\n";
  }
  if (speech.json) said.out = to_text(find(data, "nodes") == nullptr ? Json(JsonArray()) : *find(data, "nodes"));
  return said;
}

Said say_node_add(const Answer&, const Json& data, const Speech& speech) {
  return {.out = line("Successfully added " + short_node_name(speech.profile, text_at(data, "added")) + " to " +
                      speech.profile + "!")};
}

Said say_node_delete(const Answer&, const Json& data, const Speech& speech) {
  return {.out =
              line("Node " + short_node_name(speech.profile, text_at(data, "deleted")) + " was successfully deleted.")};
}

Said say_node_start(const Answer&, const Json& data, const Speech& speech) {
  return {.out = line("Successfully started node " + short_node_name(speech.profile, text_at(data, "node")) + "!")};
}

Said say_node_stop(const Answer&, const Json& data, const Speech& speech) {
  return {.out = line("Successfully stopped node " + short_node_name(speech.profile, text_at(data, "node")))};
}

Said say_services(const Answer&, const Json& data, const Speech& speech) {
  return {.out = speech.json ? to_text(services_value(data)) : services_table(data)};
}

Said say_addons(const Answer&, const Json& data, const Speech& speech) {
  return {.out = speech.json ? to_text(addons_value(data)) : addons_table(data)};
}

Said say_addon_changes(const Answer& answer, const Json& data, bool enabled) {
  Said said{.err = in_its_words(answer.message)};
  for (const auto& change : array_at(data, "addons")) {
    const std::string name = "'" + text_at(change, "name") + "'";
    said.out += line(enabled ? "The " + name + " addon is enabled" : "\"The " + name + " addon is disabled");
  }
  return said;
}
Said say_enabled(const Answer& answer, const Json& data, const Speech&) {
  return say_addon_changes(answer, data, true);
}
Said say_disabled(const Answer& answer, const Json& data, const Speech&) {
  return say_addon_changes(answer, data, false);
}

Said say_images(const Answer& answer, const Json& data, const Speech& speech) {
  if (!speech.json) return {.out = answer.text};
  return {.out = to_text(array_at(data, "details"))};
}

Said say_config_get(const Answer& answer, const Json& data, const Speech&) {
  const Json* value = find(data, "value");
  if (value != nullptr && value->is_null()) {
    return {.err = "\nError: specified key could not be found in config\n",
            .exit_code = reason_of(ErrorId::usage).exit_code};
  }
  return {.out = answer.text};
}

Said say_config_set(const Answer&, const Json&, const Speech&) {
  return {.err = "! These changes will take effect upon a minikube delete and then a minikube start\n"};
}

Said say_nothing(const Answer&, const Json&, const Speech&) { return {}; }

Said say_context(const Answer&, const Json& data, const Speech&) {
  const std::string context = quoted(text_at(data, "context"));
  std::string server = text_at(data, "server");
  server = server.substr(std::min(server.size(), server.find("//") + 2));
  const bool changed = bool_at(data, "changed");
  return {.out = line(changed ? context + " context has been updated to point to " + server
                              : "No changes required for the " + context + " context") +
                 line("Current context is " + context)};
}

// What minikube's own nodes have besides containerd, and these have not, is named as well: programs look for the names.
JsonObject component_versions(const Json& data) {
  JsonObject versions;
  for (const std::string_view absent : {"buildctl", "crio", "crun", "docker", "podman"})
    versions[absent] = "not available";
  for (const std::string_view there : {"containerd", "ctr"}) versions[there] = text_at(data, "containerd");
  versions["crictl"] = versions::crictl;
  versions["runc"] = versions::runc;
  return versions;
}

Said say_version(const Answer&, const Json& data, const Speech& speech) {
  const std::string version(versions::minikube);
  const std::string commit = "skiff-" + std::string(versions::skiff);
  if (bool_at(data, "short") && !speech.json) return {.out = version + "\n"};
  JsonObject all{{"commit", commit}, {"minikubeVersion", version}};
  if (speech.shape.components) {
    for (auto& [name, value] : component_versions(data)) all[name] = value;
  }
  if (speech.json) return {.out = to_text(all)};
  if (speech.shape.yaml) return {.out = "commit: " + commit + "\nminikubeVersion: " + version + "\n\n"};
  return {.out = "minikube version: " + version + "\ncommit: " + commit + "\n"};
}

using Say = Said (*)(const Answer&, const Json& data, const Speech&);
struct Saying {
  Say say;
  bool value = false;  // with -o json one value, where the others give events
};
const std::map<std::string_view, Saying>& sayings() {
  static const std::map<std::string_view, Saying> all = {{"start", {say_start}},
                                                         {"stop", {say_stop}},
                                                         {"delete", {say_delete}},
                                                         {"pause", {say_pause}},
                                                         {"unpause", {say_unpause}},
                                                         {"status", {say_status, true}},
                                                         {"profile", {say_profile}},
                                                         {"profile list", {say_profiles, true}},
                                                         {"node list", {say_nodes, true}},
                                                         {"node add", {say_node_add}},
                                                         {"node delete", {say_node_delete}},
                                                         {"node start", {say_node_start}},
                                                         {"node stop", {say_node_stop}},
                                                         {"service list", {say_services, true}},
                                                         {"addons list", {say_addons, true}},
                                                         {"addons enable", {say_enabled}},
                                                         {"addons disable", {say_disabled}},
                                                         {"image ls", {say_images, true}},
                                                         {"config get", {say_config_get}},
                                                         {"config set", {say_config_set}},
                                                         {"config unset", {say_nothing}},
                                                         {"update-context", {say_context}},
                                                         {"version", {say_version, true}}};
  return all;
}

}  // namespace

bool is_value(std::string_view command) {
  const auto found = sayings().find(command);
  return found != sayings().end() && found->second.value;
}

Said say_answer(std::string_view command, const Answer& answer, const Speech& speech) {
  if (const auto found = sayings().find(command); found != sayings().end()) {
    Said said = found->second.say(answer, answer.data, speech);
    if (said.exit_code == 0 && command != "status") said.exit_code = answer.exit_code;
    return said;
  }
  const std::string last = answer.message.empty() ? "" : line(in_its_words(trim(answer.message)));
  return {.out = in_its_words(answer.text) + last, .exit_code = answer.exit_code};
}

std::string message_of(const Error& error) {
  if (error.id == ErrorId::driver_not_found) {
    const auto parts = split(error.what, '\'');
    if (parts.size() > 1) return "The driver '" + parts[1] + "' is not supported on linux/amd64";
  }
  std::string text = error.what;
  for (const auto& cause : error.trail) text += ": " + cause;
  return in_its_words(text);
}

Said say_error(std::string_view, const Error& error, const Speech& speech) {
  const Reason reason = reason_of(error.id);
  if (error.id == ErrorId::profile_not_found) {
    return {.out = line("Profile " + quoted(speech.profile) +
                        " not found. Run \"minikube profile list\" to view all profiles.") +
                   "  To start a cluster, run: \"minikube start -p " + speech.profile + "\"\n",
            .exit_code = reason.exit_code};
  }
  std::string text = "\nX Exiting due to " + std::string(reason.name) + ": " + message_of(error) + "\n";
  const std::string_view advice = advice_of(error);
  if (!advice.empty()) text += "* Suggestion: " + in_its_words(advice) + "\n";
  return {.err = printable(text), .exit_code = reason.exit_code};
}

}  // namespace skiff::cli::minikube
