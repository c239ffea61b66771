// SPDX-License-Identifier: Apache-2.0
// What the operating system refused to do with a file.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/error.h"

namespace skiff::sys {

// disk_full, permission or host_error: "Cannot write <path>: <why>".
inline Error file_error(int code, std::string_view doing, const std::string& path) {
  const ErrorId id = code == ENOSPC || code == EDQUOT                   ? ErrorId::disk_full
                     : code == EACCES || code == EPERM || code == EROFS ? ErrorId::permission
                                                                        : ErrorId::host_error;
  return make_error(id, "Cannot " + std::string(doing) + " " + path + ": " + std::strerror(code));
}

}  // namespace skiff::sys
