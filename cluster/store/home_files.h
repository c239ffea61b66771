// Files of the user's own that every node is given at each start.
#pragma once

#include <string>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "model/file_tree.h"

namespace skiff::cluster {

// What lies below <home>/files/ has the same path in the node ("files/etc/motd" is /etc/motd); each certificate (*.pem,
// *.crt) of <home>/certs/ is trusted by the node's programs, containerd's pulls among them. A certificate that is none
// is warned of and left out. host_error for what cannot be read; config_invalid for a path that a node makes anew by
// itself, and for more than 16 MiB, since all of it is kept in memory and copied to each node. Reads the disk.
Result<std::vector<TreeFile>> home_files(const std::string& home, Events& events);

}  // namespace skiff::cluster
