#include "cli/face.h"

#include "cli/minikube/face.h"

namespace skiff::cli {

Result<std::vector<std::string>> Face::translate(std::span<const Command>, std::vector<std::string> words) {
  return words;
}

std::unique_ptr<Terminal> Face::terminal(const GlobalFlags& flags, const Screen& screen) {
  Screen shown = screen;
  shown.animated = screen.animated && !flags.verbose;  // the log and a spinner would fight for the line
  if (flags.json) return json_terminal(shown);
  return flags.quiet ? quiet_terminal(shown) : text_terminal(shown);
}

void Face::settle(const Session&, const Command&) {}

std::unique_ptr<Face> face_of(std::string_view program) {
  const auto name = program.substr(program.rfind('/') + 1);
  return name == "minikube" ? minikube::face() : std::make_unique<Face>();
}

}  // namespace skiff::cli
