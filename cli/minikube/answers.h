// SPDX-License-Identifier: Apache-2.0
// What a command has answered, and what went wrong, in minikube's words. Pure.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/minikube/terminal.h"

namespace skiff::cli::minikube {

struct Said {
  std::string out = {};
  std::string err = {};
  int exit_code = 0;
};
Said say_answer(std::string_view command, const Answer& answer, const Speech& speech);
Said say_error(std::string_view command, const Error& error, const Speech& speech);
// The one line that says what is wrong.
std::string message_of(const Error& error);
// With -o json such a command answers with one value, where the others give events.
bool is_value(std::string_view command);

}  // namespace skiff::cli::minikube
