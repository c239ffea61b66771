// SPDX-License-Identifier: Apache-2.0
#include "kube/node/outside.h"

#include <algorithm>

#include "base/strings.h"
#include "kube/node/registry_hosts.h"
#include "kube/pki.h"
#include "model/dual_stack.h"
#include "sys/hash.h"

namespace skiff::kube {
namespace {

constexpr std::string_view proxies_path = "/etc/skiff/containerd.env";
constexpr std::string_view logins_path = "/var/lib/kubelet/config.json";  // where kubelet looks
constexpr std::string_view trusted_folder = "/etc/ssl/certs/";
constexpr std::size_t digest_size = 16;

// Read by containerd's shell script, so no value may end its quotes; parse_proxy() sees to that.
std::string render_proxies(const PlacedSpec& spec) {
  std::string text;
  const auto set = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text.append("export ").append(name).append("='").append(value).append("'\n");
  };
  set("HTTP_PROXY", spec.proxies.http);
  set("HTTPS_PROXY", spec.proxies.https);
  set("NO_PROXY", past_proxies(spec));
  return text;
}

std::string digest_of(const std::vector<TreeFile>& files, bool (*counts)(const TreeFile&)) {
  std::string all;
  for (const auto& file : files) {
    if (counts(file)) all.append(file.path).append("\n").append(file.content).append("\n");
  }
  return all.empty() ? "-" : sys::sha256_hex(all).substr(0, digest_size);
}

bool is_read_by_containerd(const TreeFile& file) {
  return file.path == proxies_path || file.path.starts_with(trusted_folder);
}
bool is_read_by_kubelet(const TreeFile& file) { return file.path == logins_path; }

}  // namespace

std::vector<std::string> certificates_in(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view end = "-----END CERTIFICATE-----";
  std::vector<std::string> all;
  for (auto from = pem.find(begin); from != std::string_view::npos; from = pem.find(begin, from + 1)) {
    const auto to = pem.find(end, from);
    if (to == std::string_view::npos) break;
    all.push_back(std::string(pem.substr(from, to + end.size() - from)) + "\n");
  }
  return all;
}

bool trust(const std::string& name, const std::string& pem, std::vector<TreeFile>& files) {
  const auto hash = subject_hash(pem);
  if (!hash.ok()) return false;
  for (const auto& path : {std::string(trusted_folder) + *hash + ".0", std::string(trusted_folder) + name,
                           "/usr/share/ca-certificates/" + name}) {
    if (std::ranges::find(files, path, &TreeFile::path) == files.end()) files.push_back({path, pem});
  }
  return true;
}

std::string past_proxies(const PlacedSpec& spec) {
  std::vector<std::string> past = {"localhost", "127.0.0.0/8", "::1"};
  for (const auto& range : {spec.node_subnet, spec.pod_range, spec.service_range}) past.push_back(to_string(range));
  if (spec.dual_stack) {
    past.insert(past.end(),
                {nodes_range6(spec.node_subnet), pod_range6(spec.pod_range), service_range6(spec.service_range)});
  }
  past.insert(past.end(), {".svc", "." + spec.kubernetes.dns_domain});
  for (const auto& name : names_of(spec)) past.push_back(name.name);
  for (const auto& name : split(host_names, ' ')) past.push_back(name);
  if (!spec.proxies.past.empty()) past.push_back(spec.proxies.past);
  return join(past, ",");
}

OutsideFiles outside_files(const PlacedSpec& spec, const Outside& outside) {
  OutsideFiles all{registry_files(spec.registries), ""};
  auto& files = all.files;
  if (spec.proxies.any()) files.push_back({std::string(proxies_path), render_proxies(spec), 0600});
  if (!outside.logins.empty()) files.push_back({std::string(logins_path), outside.logins, 0600});
  for (const auto& authority : outside.authorities) trust(authority.name, authority.pem, files);
  if (files.empty()) return all;
  std::string list = "#containerd " + digest_of(files, is_read_by_containerd) + "\n#kubelet " +
                     digest_of(files, is_read_by_kubelet) + "\n";
  for (const auto& file : files) list += file.path + "\n";
  all.digest = digest_of(files, [](const TreeFile&) { return true; });
  files.push_back({"/etc/skiff/given/" + all.digest, std::move(list)});
  return all;
}

}  // namespace skiff::kube
