// SPDX-License-Identifier: Apache-2.0
// minikube's command line in skiff's words. Pure.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace skiff::cli::minikube {

// How an answer is asked for, where skiff has no such flag.
struct Shape {
  std::string status_layout = "nodes";  // "nodes", "cluster"
  bool yaml = false;
  bool components = false;  // of `version`: those of the nodes too
};

struct Translated {
  std::vector<std::string> words;
  Shape shape;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// What minikube does unasked, `start` is told: its names of nodes, and pods on the control plane. Flags that stand in
// the environment (MINIKUBE_DRIVER, MINIKUBE_PROFILE) come onto the line, where it does not have them. usage for a
// layout or format that does not exist.
Result<Translated> translate_line(std::span<const Command> commands, std::vector<std::string> words,
                                  const Environment& environment);

}  // namespace skiff::cli::minikube
