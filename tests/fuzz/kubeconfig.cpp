// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include "targets.h"

namespace skiff::fuzz {

void kubeconfig(std::string_view input) {
  using namespace skiff::kube;
  static const KeyPair ca = make_authorities().value().cluster;
  static const KeyPair client = issue(ca, {.common_name = "admin", .client = true}).value();
  const Access access{"lab", "https://192.0.2.7:6443", ca.cert_pem, client};
  const std::string text(input);
  const auto with = with_entry(text, "config", access, Current::set);
  if (!with.ok()) {
    must_hold(!with.error().what.empty(), "a refusal says why");
    return;
  }
  const auto state = state_of(*with, "config", "lab", access.server);
  must_hold(state.ok() && *state == KubeconfigState::right, "the entry is there");
  const auto twice = with_entry(*with, "config", access, Current::set);
  must_hold(twice.ok() && *twice == *with, "writing twice is writing once");
  const auto without = without_entry(*with, "config", "lab", access.ca_pem);
  must_hold(without.ok(), "what was written can be removed");
  const auto left = state_of(*without, "config", "lab", access.server);
  must_hold(left.ok() && *left == KubeconfigState::missing, "and is gone then");
}

}  // namespace skiff::fuzz
