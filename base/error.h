// SPDX-License-Identifier: Apache-2.0
// Errors that a user can meet. An id is stable and searchable; the exit code's decade names the source of the
// trouble and its last digit the class (docs/errors.md lists them all and is checked against base/errors.def).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skiff {

enum class ErrorId {
#define SKIFF_ERROR(id, name, exit_code, meaning, advice) id,
#include "base/errors.def"
#undef SKIFF_ERROR
};

struct ErrorInfo {
  ErrorId id;
  std::string_view name;  // as printed: [DOCKER_NOT_RUNNING]
  int exit_code;
  std::string_view meaning;  // one line for docs/errors.md
  std::string_view advice;   // default advice, used when the error brings none of its own
};

const ErrorInfo& info(ErrorId id);
const std::vector<ErrorInfo>& all_errors();

struct Error {
  ErrorId id{};
  std::string what;                // what happened, one sentence, no full stop needed
  std::vector<std::string> trail;  // causes, innermost first
  std::string advice;              // the exact command or change that helps; empty = the table's
};

Error make_error(ErrorId id, std::string what, std::string advice = {});
std::string_view advice_of(const Error& error);

}  // namespace skiff
