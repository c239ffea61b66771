// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/purge.h"

#include <unistd.h>

#include <array>

#include "base/strings.h"
#include "sys/files.h"

namespace skiff::cluster {

Result<std::vector<std::string>> purge(const Home& home) {
  if (const auto names = home.store.names(); !names.empty()) {
    return make_error(ErrorId::profile_conflict, "There are clusters in " + home.folder() + ": " + join(names, ", "),
                      "Delete them too with 'skiff delete --all --purge'");
  }
  constexpr std::array<const char*, 8> ours = {"profiles", "locks", "logs",        "tmp",
                                               "cache",    "ssh",   "config.yaml", "config.yaml.lock"};
  for (const auto* name : ours) TRY(sys::remove_tree(home.folder() + "/" + name));
  auto left = sys::list_folder(home.folder());
  if (left.empty()) ::rmdir(home.folder().c_str());
  return left;
}

}  // namespace skiff::cluster
