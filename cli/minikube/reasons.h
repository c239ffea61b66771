// SPDX-License-Identifier: Apache-2.0
// Errors as minikube names them: reason ids and exit codes that scripts know.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::cli::minikube {

struct Reason {
  std::string_view name;  // "GUEST_NODE_RETRIEVE"
  int exit_code = 80;
};
// An error that minikube does not know keeps the id and the exit code that it has here.
Reason reason_of(ErrorId id);

// "'skiff start'" becomes "'minikube start'".
std::string in_its_words(std::string_view text);

}  // namespace skiff::cli::minikube
