// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/command.h"
#include "sys/env.h"

namespace skiff::cli {
namespace {

Result<Answer> run(Session&, const Args& args) {
  const std::string& name = args.words[0];
  if (name != "minikube" && name != "kubectl") {
    return make_error(ErrorId::usage, "skiff does not answer to the name '" + name + "'",
                      "It does to minikube and to kubectl");
  }
  const std::filesystem::path link = std::filesystem::path(args.words[1]) / name;
  const std::string program = sys::executable();
  std::error_code error;
  const bool is_there = std::filesystem::equivalent(link, program, error);
  if (!is_there && ::symlink(program.c_str(), link.c_str()) != 0) {
    if (errno == EEXIST) {
      return make_error(ErrorId::host_error, link.string() + " is there already, and is another program",
                        "Choose another folder, before that one in PATH");
    }
    return make_error(ErrorId::host_error, "Cannot make " + link.string() + ": " + std::strerror(errno));
  }
  return Answer{.message = link.string() + " is skiff now.", .data = {{"link", link.string()}, {"program", program}}};
}

}  // namespace

Command install_as_command() {
  return {
      .name = "install-as",
      .group = Group::settings,
      .summary = "Let skiff answer to the name of minikube, or of kubectl",
      .help =
          "Makes a link in DIR. Called by it, skiff takes minikube's command line and answers in its words, for "
          "scripts\n"
          "and tools; docs/minikube.md has the differences. Called kubectl, it is 'skiff kubectl' of the current "
          "context.\n"
          "A program that is there is never replaced.\n\n"
          "Example\n  skiff install-as minikube ~/.local/bin",
      .positionals = {"minikube|kubectl DIR", 2, 2},
      .run = run,
  };
}

}  // namespace skiff::cli
