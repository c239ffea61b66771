// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>

#include "cluster/nodes/node_logs.h"

namespace skiff::cluster {
namespace {

struct Pattern {
  std::string_view service;  // empty = of any
  std::string_view text;
};

constexpr std::array<Pattern, 32> patterns = {{
    // The host has too little of something.
    {"", "too many open files"},
    {"", "no space left on device"},
    {"", "cannot allocate memory"},
    {"", "out of memory"},
    {"", "address already in use"},
    {"", "read-only file system"},
    // A program has ended.
    {"", "panic: "},
    {"", "fatal error: "},
    {"", "SIGSEGV"},
    {"", "unknown flag"},
    // Certificates, and clocks that differ.
    {"", "x509: "},
    {"", "certificate has expired"},
    {"kubelet", "failed to run Kubelet"},
    {"kubelet", "\"command failed\" err="},
    {"kubelet", "eviction manager: attempting to reclaim"},
    {"kubelet", "eviction manager: must evict"},
    {"kubelet", "failed to validate kubelet"},
    {"kubelet", "ErrImagePull"},
    {"kubelet", "ImagePullBackOff"},
    {"kubelet", "CrashLoopBackOff"},
    {"kubelet", "network plugin not ready"},
    {"kubelet", "running with swap on is not supported"},
    {"containerd", "level=fatal"},
    {"containerd", "level=panic"},
    {"containerd", "failed to load plugin"},
    {"containerd", "failed to setup network"},
    {"etcd", "apply request took too long"},
    {"etcd", "database space exceeded"},
    {"etcd", "\"level\":\"fatal\""},
    {"kube-apiserver", "\"command failed\" err="},
    {"kube-apiserver", "connection error: desc = \"transport: authentication handshake failed"},
    {"kube-apiserver", "etcdserver: "},
}};

// "F0823 12:00:00.000000 ...": how Kubernetes' components begin what they write before they end.
bool is_fatal(std::string_view line) {
  return line.size() > 5 && line[0] == 'F' &&
         std::all_of(line.begin() + 1, line.begin() + 5, [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

bool is_problem(std::string_view service, std::string_view line) {
  return is_fatal(line) || std::ranges::any_of(patterns, [&](const Pattern& pattern) {
           return (pattern.service.empty() || pattern.service == service) &&
                  line.find(pattern.text) != std::string_view::npos;
         });
}

}  // namespace skiff::cluster
