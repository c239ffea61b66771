// SPDX-License-Identifier: Apache-2.0
// The second face: what this program is when it is called minikube. Pure translation over the same commands: the line
// (line.h), what is said while they run and at the end (terminal.h, answers.h, reasons.h), and the files that programs
// read (files.h). docs/minikube.md tells users about it.
#pragma once

#include <memory>

#include "cli/face.h"

namespace skiff::cli::minikube {

std::unique_ptr<Face> face();

}  // namespace skiff::cli::minikube
