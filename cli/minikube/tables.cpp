// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/tables.h"

#include <algorithm>
#include <array>
#include <vector>

#include "addons/catalogue.h"
#include "base/go_template.h"
#include "base/strings.h"
#include "cli/text/status_fields.h"

namespace skiff::cli::minikube {
namespace {

using Row = std::vector<std::string>;

// As many columns as a terminal shows; bytes of UTF-8 that continue a character show nothing.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; }));
}

// A table in a frame, its first row the head.
std::string framed(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string border = "|";
  for (const auto width : widths) border += std::string(width + 2, '-') + "|";
  std::string out = border + "\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out += "|";
    for (std::size_t i = 0; i < rows[r].size(); ++i) {
      out += " " + rows[r][i] + std::string(widths[i] - width_of(rows[r][i]), ' ') + " |";
    }
    out += "\n";
    if (r == 0) out += border + "\n";
  }
  return out + border + "\n";
}

std::string listed(const JsonArray& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(shown(value));
  return join(texts, ", ");
}

// minikube's codes of states, after HTTP's.
struct Code {
  std::string_view word;
  int code;
  std::string_view name;
};
constexpr auto codes = std::to_array<Code>({{"Running", 200, "OK"},
                                            {"Configured", 200, "OK"},
                                            {"Nonexistent", 404, "Nonexistent"},
                                            {"Stopped", 405, "Stopped"},
                                            {"Saved", 405, "Stopped"},
                                            {"Paused", 418, "Paused"},
                                            {"Error", 500, "Error"},
                                            {"Misconfigured", 500, "Error"},
                                            {"Broken", 500, "Error"},
                                            {"Unknown", 520, "Unknown"}});

const Code& code_of(std::string_view word) {
  const auto* const found = std::ranges::find(codes, word, &Code::word);
  return found == codes.end() ? codes.back() : *found;
}

JsonObject state(const std::string& name, std::string_view word) {
  const Code& code = code_of(word);
  return {{"Name", name}, {"StatusCode", code.code}, {"StatusName", code.name}};
}

std::string version_word(const std::string& version) { return version == "none" ? "N/A" : version; }

std::string profile_word(const std::string& state) { return state == "Running" ? "OK" : state; }

Json cluster_value(const Json& status) {
  JsonArray nodes;
  std::string whole = "Running";
  for (const Json fields : status_fields(status)) {
    const std::string name = text_at(fields, "Name");
    JsonObject components{{"kubelet", state("kubelet", text_at(fields, "Kubelet"))}};
    if (!bool_at(fields, "Worker")) components["apiserver"] = state("apiserver", text_at(fields, "APIServer"));
    JsonObject node = state(name, text_at(fields, "Host"));
    node["Components"] = std::move(components);
    nodes.push_back(std::move(node));
    if (!bool_at(fields, "Worker")) {
      whole = text_at(fields, "Host") == "Running" ? text_at(fields, "APIServer") : text_at(fields, "Host");
    }
  }
  JsonObject cluster = state(text_at(status, "profile"), whole);
  cluster["BinaryVersion"] = text_at(status, "kubernetes_version");
  cluster["Components"] = JsonObject{{"kubeconfig", state("kubeconfig", text_at(status, "kubeconfig"))}};
  cluster["Nodes"] = std::move(nodes);
  return cluster;
}

Json config_of(const JsonObject& configs, const Json& profile) {
  const Json* config = configs.if_contains(text_at(profile, "name"));
  return config == nullptr ? Json(nullptr) : *config;
}

}  // namespace

std::string status_text(const JsonObject& fields) {
  const Json node(fields);
  const bool worker = bool_at(node, "Worker");
  std::string text = text_at(node, "Name") + "\ntype: " + (worker ? "Worker" : "Control Plane") +
                     "\nhost: " + text_at(node, "Host") + "\nkubelet: " + text_at(node, "Kubelet") + "\n";
  if (!worker) {
    text += "apiserver: " + text_at(node, "APIServer") + "\nkubeconfig: " + text_at(node, "Kubeconfig") + "\n";
  }
  return text + "\n";
}

int status_exit_code(const Json& status) {
  int code = 0;
  for (const Json node : status_fields(status)) {
    const auto is = [&](std::string_view field, std::string_view word) {
      const std::string found = text_at(node, field);
      return found == word || found == "Irrelevant";
    };
    if (text_at(node, "Host") != "Running") code |= 1;
    if (!is("APIServer", "Running") || !is("Kubelet", "Running")) code |= 2;
    if (!is("Kubeconfig", "Configured")) code |= 4;
  }
  return code;
}

Json status_value(const Json& status, bool by_cluster) {
  if (by_cluster) return cluster_value(status);
  JsonArray nodes;
  for (auto& fields : status_fields(status)) nodes.push_back(std::move(fields));
  return nodes.size() == 1 ? nodes.front() : Json(nodes);
}

std::string profiles_table(const Json& data, const JsonObject& configs, const std::string& active) {
  std::vector<Row> rows = {
      {"Profile", "Driver", "Runtime", "IP", "Version", "Status", "Nodes", "Active Profile", "Active Kubecontext"}};
  for (const auto& profile : array_at(data, "profiles")) {
    const Json config = config_of(configs, profile);
    if (config.is_null()) continue;
    const auto& nodes = array_at(config, "Nodes");
    rows.push_back({text_at(profile, "name"), text_at(profile, "driver"), "containerd",
                    nodes.empty() ? "" : text_at(nodes.front(), "IP"),
                    version_word(text_at(profile, "kubernetes_version")), profile_word(text_at(profile, "state")),
                    std::to_string(nodes.size()), text_at(profile, "name") == active ? "*" : "",
                    bool_at(profile, "current") ? "*" : ""});
  }
  return framed(rows);
}

Json profiles_value(const Json& data, const JsonObject& configs, const std::string& active) {
  JsonArray valid;
  JsonArray invalid;
  for (const auto& profile : array_at(data, "profiles")) {
    const Json config = config_of(configs, profile);
    JsonObject value{{"Name", text_at(profile, "name")},
                     {"Status", profile_word(text_at(profile, "state"))},
                     {"Config", config},
                     {"Active", text_at(profile, "name") == active},
                     {"ActiveKubeContext", bool_at(profile, "current")}};
    (config.is_null() ? invalid : valid).push_back(std::move(value));
  }
  return JsonObject{{"invalid", std::move(invalid)}, {"valid", std::move(valid)}};
}

std::string services_table(const Json& data) {
  std::vector<Row> rows = {{"NAMESPACE", "NAME", "TARGET PORT", "URL"}};
  for (const auto& service : array_at(data, "services")) {
    const bool forwardable = text_at(service, "type") != "ClusterIP";
    rows.push_back({text_at(service, "namespace"), text_at(service, "name"),
                    forwardable ? listed(array_at(service, "ports")) : "No node port",
                    listed(array_at(service, "urls"))});
  }
  return framed(rows);
}

Json services_value(const Json& data) {
  JsonArray out;
  for (const auto& service : array_at(data, "services")) {
    out.push_back(JsonObject{{"Namespace", text_at(service, "namespace")},
                             {"Name", text_at(service, "name")},
                             {"URLs", array_at(service, "urls")},
                             {"PortNames", array_at(service, "ports")}});
  }
  return out;
}

std::string addons_table(const Json& data) {
  std::vector<Row> rows = {{"ADDON NAME", "PROFILE", "STATUS", "MAINTAINER"}};
  for (const auto& addon : array_at(data, "addons")) {
    rows.push_back({text_at(addon, "name"), text_at(data, "profile"),
                    bool_at(addon, "enabled") ? "enabled ✅" : "disabled", text_at(addon, "maintainer")});
  }
  for (const auto name : addons::names_elsewhere()) {
    rows.push_back({std::string(name), text_at(data, "profile"), "disabled", "none here"});
  }
  return framed(rows);
}

Json addons_value(const Json& data) {
  JsonObject out;
  for (const auto& addon : array_at(data, "addons")) {
    out[text_at(addon, "name")] = JsonObject{{"Profile", text_at(data, "profile")},
                                             {"Status", bool_at(addon, "enabled") ? "enabled" : "disabled"}};
  }
  for (const auto name : addons::names_elsewhere()) {
    out[name] = JsonObject{{"Profile", text_at(data, "profile")}, {"Status", "disabled"}};
  }
  return out;
}

}  // namespace skiff::cli::minikube
