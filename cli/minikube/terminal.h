// SPDX-License-Identifier: Apache-2.0
// What minikube's users see: steps, notes and the last word on stdout, warnings and errors on stderr; with -o json
// CloudEvents 1.0, one per line, of the types that minikube's have.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/minikube/line.h"
#include "cli/terminal/terminal.h"

namespace skiff::cli::minikube {

struct Speech {
  std::string profile;  // on which the line works
  bool json = false;
  Shape shape;
  std::function<JsonObject()> configs;  // config.json of all clusters, by name (files.h)
};
std::unique_ptr<Terminal> terminal(const Speech& speech, const Screen& screen);

}  // namespace skiff::cli::minikube
