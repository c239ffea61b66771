// SPDX-License-Identifier: Apache-2.0
#include "cli/start_request.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>

#include "base/strings.h"
#include "cli/settings.h"
#include "cluster/request/cluster_file.h"
#include "cluster/request/resolve_pod_network.h"
#include "cluster/store/registry_logins.h"
#include "images/fetch.h"
#include "kube/node/outside.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

using List = cluster::KubernetesRequest::List;

// Only what was given changes what is there.
template <class T>
void take(std::optional<T>& target, std::optional<T> given) {
  if (given) target = std::move(given);
}

// Nothing when the flag was not given; an empty one takes away what the profile has.
List list_if_given(const Args& args, std::string_view flag) {
  if (!args.given.contains(flag)) return std::nullopt;
  return args.list(flag);
}

// A value may have commas, so only repeating the flag makes a list.
List repeated(const Args& args, std::string_view flag) {
  const auto given = args.given.find(flag);
  if (given == args.given.end()) return std::nullopt;
  auto values = given->second;
  std::erase(values, "");
  return values;
}

Result<void> take_kubernetes(const Args& args, cluster::KubernetesRequest& request) {
  take(request.api_names, list_if_given(args, "apiserver-names"));
  take(request.api_name, args.text("apiserver-name"));
  take(request.none, TRY(args.truth("no-kubernetes")));
  take(request.api_addresses, list_if_given(args, "apiserver-ips"));
  if (const auto text = args.text("cert-expiration")) {
    constexpr Duration longest = std::chrono::years(10);  // that of the authorities
    request.certificate_lifetime =
        std::chrono::duration_cast<std::chrono::seconds>(TRY(parse_duration(*text, "--cert-expiration", longest)));
  }
  take(request.feature_gates, list_if_given(args, "feature-gates"));
  take(request.components, repeated(args, "extra-config"));
  return {};
}

// Nothing when neither flag was given; none takes away what the profile has. --mount alone is what minikube makes of
// it.
Result<List> mounts_if_given(const Args& args) {
  const auto wanted = TRY(args.truth("mount"));
  if (wanted == false) return List(std::in_place);
  if (auto given = repeated(args, "mount-string")) return given;
  if (!wanted) return List();
  return List({sys::env("HOME").value_or("/root") + ":/minikube-host"});
}

Result<std::string> text_of_file(const std::string& path) {
  if (path != "-") return sys::read_file(path);
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

struct File {
  std::string name;
  std::string text;
};

Result<std::optional<File>> cluster_file(const Args& args) {
  const auto path = args.text("file");
  if (!path) return std::optional<File>();
  return std::optional(File{*path == "-" ? "stdin" : *path, TRY(text_of_file(*path))});
}

// A path as one file has it of another.
std::string beside(const std::string& file, const std::string& path) {
  return (std::filesystem::path(file).parent_path() / path).string();
}

Result<std::string> network_file(const std::string& path) {
  auto content = TRY(sys::read_file_if_there(path));
  if (content) return *std::move(content);
  return make_error(ErrorId::usage, "'" + path + "' is no network that skiff knows, and no such file is there",
                    "Give --cni none, default, or a file: a CNI configuration list, or manifests");
}

// The cluster that is meant, which decides whether it is a new one.
Result<std::string> profile_of(const Session& session, const std::optional<File>& file) {
  if (!session.given_profile && file) {
    cluster::StartRequest said;
    TRY(cluster::take_cluster_file(file->text, file->name, said));
    if (!said.profile.empty()) return said.profile;
  }
  return session.profile();
}

// They lie beside the file that names them, and are looked for before anything is made.
Result<void> find_manifests(std::vector<std::string>& manifests, const File& file) {
  for (auto& manifest : manifests) {
    if (manifest.find("://") != std::string::npos) continue;
    manifest = beside(file.name, manifest);
    if (sys::exists(manifest)) continue;
    return make_error(ErrorId::config_invalid, file.name + " names the manifest " + manifest + ", which is not there");
  }
  return {};
}

// minikube's words for proxies; what else it sets in a Docker that nodes have is of no use here.
Result<void> take_docker_env(Events& events, const Args& args, cluster::StartRequest& request) {
  const auto given = args.given.find("docker-env");
  if (given == args.given.end()) return {};
  for (const auto& each : given->second) {
    const auto equals = each.find('=');
    if (equals == std::string::npos) return make_error(ErrorId::usage, "--docker-env must be KEY=VALUE");
    const std::string key = to_lower(each.substr(0, equals));
    const std::string value = each.substr(equals + 1);
    if (key == "http_proxy") {
      request.http_proxy = value;
    } else if (key == "https_proxy") {
      request.https_proxy = value;
    } else if (key == "no_proxy") {
      request.no_proxy = value;
    } else {
      events.note("--docker-env " + each.substr(0, equals) + " has no effect: the nodes run containerd, not Docker");
    }
  }
  return {};
}

// What this start's environment says of proxies. One that only this host finds is no use to nodes.
Result<Proxies> environment(Events& events) {
  auto proxies = TRY(images::proxies_here());
  for (auto* proxy : {&proxies.http, &proxies.https}) {
    if (proxy->empty() || !is_loopback_host(parts_of_proxy(*proxy).host)) continue;
    events.warning("Nodes do not use the proxy " + without_password(*proxy) +
                   " of the environment, since only this host finds it: give one that they reach with --proxy");
    proxy->clear();
  }
  return proxies.any() ? proxies : Proxies();
}

// Files that are named: read, or known by their whole path from now on.
Result<void> take_files(cluster::StartRequest& request) {
  if (request.ca_file && *request.ca_file != word_none) {
    request.authorities = TRY(sys::read_file(*request.ca_file));
    if (kube::certificates_in(request.authorities).empty()) {
      return make_error(ErrorId::config_invalid, *request.ca_file + " holds no certificate",
                        "Give certificates of authorities as PEM text (-----BEGIN CERTIFICATE-----)");
    }
  }
  auto& config = request.registry_config;
  if (config && *config != word_none && *config != cluster::logins_of_docker) {
    std::error_code error;
    const auto whole = std::filesystem::absolute(*config, error);
    if (!error) config = whole.lexically_normal().string();
  }
  return {};
}

// Three are what --ha means.
Result<std::optional<int>> control_planes_if_given(const Args& args) {
  constexpr int highly_available = 3;
  if (auto count = TRY(args.integer("control-planes"))) return count;
  return TRY(args.truth("ha")).value_or(false) ? std::optional(highly_available) : std::nullopt;
}

Result<NodeNames> node_names(const Args& args) {
  const std::string names = args.text("node-names").value_or("roles");
  if (names == "roles") return NodeNames::roles;
  if (names == "numbers") return NodeNames::numbers;
  return make_error(ErrorId::usage, "--node-names must be roles or numbers, not '" + names + "'");
}

}  // namespace

Result<cluster::StartRequest> start_request(const Session& session, const Args& args) {
  const auto file = TRY(cluster_file(args));
  cluster::StartRequest request;
  const std::string profile = TRY(profile_of(session, file));
  const bool is_new = !TRY(session.home.store.find(profile));
  const Settings defaults = is_new ? TRY(load_settings(session.home.folder())) : Settings();
  for (const auto& [key, value] : defaults) {
    if (key != "profile") TRY(apply(TRY(find_setting(key)), value, request));
  }
  if (file) {
    TRY(cluster::take_cluster_file(file->text, file->name, request));
    if (request.cni && !cluster::is_network_word(*request.cni)) request.cni = beside(file->name, *request.cni);
    TRY(find_manifests(request.manifests, *file));
    for (auto* path : {&request.ca_file, &request.registry_config}) {
      if (*path && **path != word_none && **path != cluster::logins_of_docker) *path = beside(file->name, **path);
    }
  }
  request.profile = profile;
  if (request.each_node && file) {
    request.nodes.reset();  // a default of how many
    for (const std::string flag : {"nodes", "control-planes", "ha"}) {
      if (!args.given.contains(flag)) continue;
      return make_error(ErrorId::usage, "Both --" + flag + " and " + file->name + " say which nodes there are",
                        "Leave one of them out");
    }
  }
  for (const auto& setting : all_settings()) {
    if (setting.key == "profile") continue;
    if (const auto value = args.text(setting.key)) TRY(apply(setting, *value, request));
  }
  TRY(take_docker_env(*session.ctx.events, args, request));
  request.environment = TRY(environment(*session.ctx.events));
  TRY(take_files(request));
  // Whoever gives another driver's flag with its usual value asks for nothing.
  if (const auto uri = args.text("kvm-qemu-uri"); uri && *uri != "qemu:///system") request.driver_uri = uri;
  take(request.static_ip, args.text("static-ip"));
  take(request.control_planes, TRY(control_planes_if_given(args)));
  if (request.network && request.network->empty()) request.network.reset();  // "whichever"
  take(request.ports, list_if_given(args, "ports"));
  take(request.listen_address, args.text("listen-address"));
  take(request.insecure_registries, list_if_given(args, "insecure-registry"));
  take(request.registry_mirrors, list_if_given(args, "registry-mirror"));
  if (request.cni && !cluster::is_network_word(*request.cni)) request.cni_content = TRY(network_file(*request.cni));
  TRY(take_kubernetes(args, request.kubernetes));
  take(request.schedule_on_control_plane, TRY(args.truth("schedule-on-control-plane")));
  take(request.context, args.text("context-name"));
  request.node_names = TRY(node_names(args));
  take(request.mounts, TRY(mounts_if_given(args)));
  for (auto& addon : args.list("addons")) request.addons.push_back(std::move(addon));
  request.dry_run = args.has("dry-run");
  request.download_only = args.has("download-only");
  request.keep_context = args.has("keep-context");
  request.keep_on_failure = args.has("keep-on-failure");
  request.wait_timeout = TRY(args.duration("wait-timeout"));
  return request;
}

}  // namespace skiff::cli
