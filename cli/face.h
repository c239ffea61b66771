// SPDX-License-Identifier: Apache-2.0
// How the program is called, and how it speaks then. Under its own name a line means what it says and answers come as
// commands give them; a program that is called minikube (cli/minikube/) takes that one's line and answers in its words;
// one that is called kubectl is `skiff kubectl`. The commands know of none of this.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/line/line.h"
#include "cli/terminal/terminal.h"

namespace skiff::cli {

class Face {
 public:
  virtual ~Face() = default;
  // The profile of a line that names none, where no setting does.
  virtual std::string_view default_profile() const { return "skiff"; }
  // The line in skiff's words.
  virtual Result<std::vector<std::string>> translate(std::span<const Command> commands, std::vector<std::string> words);
  virtual std::unique_ptr<Terminal> terminal(const GlobalFlags& flags, const Screen& screen);
  // After a command that ended well, with what it answered: what programs find in files, renewed.
  virtual void settle(const Session& session, const Command& command);
};

// By the name that the program was called with ("/usr/local/bin/minikube").
std::unique_ptr<Face> face_of(std::string_view program);

}  // namespace skiff::cli
