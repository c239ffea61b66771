// SPDX-License-Identifier: Apache-2.0
// What the operating system refused, as an Error.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace skiff::net {

inline std::string os_message(int code) { return std::system_category().message(code); }

inline Error os_error(ErrorId id, std::string what, int code = errno) {
  return make_error(id, std::move(what) + ": " + os_message(code));
}
inline Error os_error(std::string what, int code = errno) {
  return os_error(ErrorId::host_error, std::move(what), code);
}

}  // namespace skiff::net
