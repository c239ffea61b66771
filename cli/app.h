// SPDX-License-Identifier: Apache-2.0
// The program: reads the line, runs one command, reports once.
#pragma once

#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/face.h"

namespace skiff::cli {

int main(int argc, char** argv);

// One line of words, without the program's name, on a screen. The exit code. An exception that a command lets through
// is told as INTERNAL, with the name of the log.
int run_line(std::span<const Command> commands, const std::vector<std::string>& words, std::stop_token stop,
             const Screen& screen, Face& face);

}  // namespace skiff::cli
