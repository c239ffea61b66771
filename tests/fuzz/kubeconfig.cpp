#include "kube/kubeconfig.h"

#include "targets.h"

namespace skiff::fuzz {

void kubeconfig(std::string_view input) {
  using namespace skiff::kube;
  const Access access{"lab", "https://192.0.2.7:6443", "an authority", {"a certificate", "a key"}};
  const std::string text(input);
  const auto with = with_entry(text, "config", access, false);
  if (!with.ok()) {
    must_hold(!with.error().what.empty(), "a refusal says why");
    return;
  }
  const auto state = state_of(*with, "config", "lab", access.server);
  must_hold(state.ok() && *state == KubeconfigState::right, "the entry is there");
  const auto twice = with_entry(*with, "config", access, false);
  must_hold(twice.ok() && *twice == *with, "writing twice is writing once");
  const auto without = without_entry(*with, "config", "lab");
  must_hold(without.ok(), "what was written can be removed");
  const auto left = state_of(*without, "config", "lab", access.server);
  must_hold(left.ok() && *left == KubeconfigState::missing, "and is gone then");
}

}  // namespace skiff::fuzz
