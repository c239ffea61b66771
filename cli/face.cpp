// SPDX-License-Identifier: Apache-2.0
#include "cli/face.h"

#include <algorithm>

#include "cli/line/flags.h"
#include "cli/minikube/face.h"
#include "kube/kubeconfig.h"

namespace skiff::cli {
namespace {

// Called kubectl, the program is kubectl: of the cluster that --context names, else of that which is the current one;
// where that is no cluster of this home it knows what the user's kubeconfig knows.
class Kubectl final : public Face {
 public:
  Result<std::vector<std::string>> translate(std::span<const Command>, std::vector<std::string> words) override {
    constexpr Flag context{"context", 0, "NAME", ""};
    const Args args = TRY(take_flags({&context, 1}, {words.begin(), std::ranges::find(words, "--")}));
    const std::string wanted = args.text("context").value_or(kube::user_current_context().value_or(""));
    std::vector<std::string> line = {"kubectl", "--"};
    line.insert(line.end(), words.begin(), words.end());
    const auto home = cluster::user_home();
    for (const auto& profile : home.store.names()) {
      if (home.store.context(profile) != wanted) continue;
      line.insert(line.begin(), "--profile=" + profile);
      return line;
    }
    line.insert(line.begin() + 1, "--own-kubeconfig");  // a cluster of another home, or none of skiff's
    return line;
  }
};

}  // namespace

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
  if (name == "minikube") return minikube::face();
  if (name == "kubectl") return std::make_unique<Kubectl>();
  return std::make_unique<Face>();
}

}  // namespace skiff::cli
