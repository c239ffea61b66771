// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/half_file.h"

#include <filesystem>

#include "sys/hash.h"

namespace skiff::cluster {

namespace fs = std::filesystem;

HalfFile::HalfFile(std::string destination)
    : destination_(std::move(destination)), path_(destination_ + ".skiff-" + sys::random_hex(4)) {}

HalfFile::~HalfFile() {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

Result<void> HalfFile::take_place(bool executable) const {
  std::error_code error;
  constexpr auto for_all = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  if (executable) fs::permissions(path_, for_all, fs::perm_options::add, error);
  if (!error) fs::rename(path_, destination_, error);
  if (error) return make_error(ErrorId::host_error, "Cannot write " + destination_ + ": " + error.message());
  return {};
}

}  // namespace skiff::cluster
