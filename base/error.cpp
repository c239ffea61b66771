// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <utility>

namespace skiff {

const std::vector<ErrorInfo>& all_errors() {
  static const std::vector<ErrorInfo> table = {
#define SKIFF_ERROR(id, name, exit_code, meaning, advice) {ErrorId::id, name, exit_code, meaning, advice},
#include "base/errors.def"
#undef SKIFF_ERROR
  };
  return table;
}

const ErrorInfo& info(ErrorId id) { return all_errors()[static_cast<std::size_t>(id)]; }

Error make_error(ErrorId id, std::string what, std::string advice) {
  return Error{id, std::move(what), {}, std::move(advice)};
}

std::string_view advice_of(const Error& error) {
  return error.advice.empty() ? info(error.id).advice : std::string_view(error.advice);
}

}  // namespace skiff
