// SPDX-License-Identifier: Apache-2.0
// What a node is given to reach what lies outside of the cluster: proxies, authorities, registries and logins for them.
// All of it can change while the node runs, so a list goes with it of what belongs to it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/cluster_spec.h"
#include "model/file_tree.h"

namespace skiff::kube {

// What is not in the spec, as it is read anew at each start.
struct Outside {
  struct Authority {
    std::string name;  // of its file in a node: "company.pem"
    std::string pem;
  };
  std::vector<Authority> authorities = {};
  std::string logins = {};  // for registries, as Docker's config.json has them; empty = none
};

// The certificates of a text, each by itself; what stands between them is left out.
std::vector<std::string> certificates_in(std::string_view pem);
// The files by which Go's programs and OpenSSL's trust a certificate: by name, and by the hash of its subject. What is
// there already is left alone. False for what is no certificate.
bool trust(const std::string& name, const std::string& pem, std::vector<TreeFile>& files);

// What goes past the proxies of a cluster's nodes: what the user says, and all that is the cluster's own.
std::string past_proxies(const PlacedSpec& spec);

// The files, for each node the same, and with them /etc/skiff/given/<digest>: their paths, and what of them containerd
// and kubelet read only when they start. There is none in a cluster that needs nothing of it.
struct OutsideFiles {
  std::vector<TreeFile> files;
  std::string digest;  // empty = nothing is given
};
OutsideFiles outside_files(const PlacedSpec& spec, const Outside& outside);

}  // namespace skiff::kube
