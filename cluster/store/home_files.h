// SPDX-License-Identifier: Apache-2.0
// Files of the user's own that every node is given at each start.
#pragma once

#include <string>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "kube/node/outside.h"
#include "model/file_tree.h"

namespace skiff::cluster {

// What lies below <home>/files/ has the same path in the node ("files/etc/motd" is /etc/motd); certificates among
// them, where a node looks for those that it trusts, are trusted. host_error for what cannot be read; config_invalid
// for a path that a node makes anew by itself, and for more than 16 MiB, since all of it is kept in memory and copied
// to each node. Reads the disk.
Result<std::vector<TreeFile>> home_files(const std::string& home);

// The certificates (*.pem, *.crt) of <home>/certs/, which the programs of nodes trust, containerd's pulls among them.
// What is none is warned of and left out. host_error for what cannot be read. Reads the disk.
using Authority = kube::Outside::Authority;
Result<std::vector<Authority>> home_authorities(const std::string& home, Events& events);
// Those of one text, each under a name that follows from `name` ("company.pem", "company-2.pem"). One that has expired
// is warned of: nodes have it, but trust nothing that it signed.
std::vector<Authority> authorities_in(const std::string& name, const std::string& pem, Events& events);

}  // namespace skiff::cluster
