// SPDX-License-Identifier: Apache-2.0
#include "kube/node/registry_hosts.h"

#include <algorithm>

namespace skiff::kube {
namespace {

TreeFile hosts_file(const std::string& registry, std::string content) {
  return {"/etc/containerd/certs.d/" + registry + "/hosts.toml", std::move(content), 0644};
}

// Like Docker: by TLS with any certificate, and where there is no TLS without. containerd takes plain HTTP with words
// about certificates for just that, by one host, which a push needs.
std::string insecure_hosts(const std::string& registry) {
  return "server = \"http://" + registry + "\"\n\n[host.\"http://" + registry + "\"]\n  skip_verify = true\n";
}

std::string mirrored_hosts(const Registries& registries) {
  std::string text;  // without a server: the usual one comes last
  for (const auto& mirror : registries.mirrors) {
    text += "[host.\"" + mirror + "\"]\n  capabilities = [\"pull\", \"resolve\"]\n";
    const bool trusted = std::ranges::any_of(
        registries.insecure, [&](const std::string& registry) { return mirror == "https://" + registry; });
    if (trusted) text += "  skip_verify = true\n";
  }
  return text;
}

}  // namespace

std::vector<TreeFile> registry_files(const Registries& registries) {
  std::vector<TreeFile> files;
  for (const auto& registry : registries.insecure) files.push_back(hosts_file(registry, insecure_hosts(registry)));
  if (!registries.mirrors.empty()) files.push_back(hosts_file("docker.io", mirrored_hosts(registries)));
  return files;
}

}  // namespace skiff::kube
