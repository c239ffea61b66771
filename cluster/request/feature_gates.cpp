// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/feature_gates.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/strings.h"

namespace skiff::cluster {
namespace {

struct Gate {
  std::string_view name;
  int first;  // minor version
  int last;
  bool known_to(int minor) const { return first <= minor && minor <= last; }
};
constexpr auto gates = std::to_array<Gate>({
#define SKIFF_FEATURE_GATE(name, first, last) {name, first, last},
#include "cluster/request/feature_gates.def"
#undef SKIFF_FEATURE_GATE
});
constexpr std::array all_gates_of_a_stage = {"AllAlpha", "AllBeta"};

std::string minors_text(const Gate& gate) {
  const std::string first = "1." + std::to_string(gate.first);
  return gate.first == gate.last ? first : first + " to 1." + std::to_string(gate.last);
}

}  // namespace

Result<void> check_feature_gate_known(const std::string& gate, std::string_view version) {
  const auto parts = split(version, '.');
  const auto minor = parse_int(parts.size() == 3 ? parts[1] : "", "");
  const auto of_minor = [&](const Gate& each) { return minor.ok() && each.known_to(static_cast<int>(*minor)); };
  if (std::ranges::none_of(gates, of_minor) ||
      std::ranges::find(all_gates_of_a_stage, gate) != std::end(all_gates_of_a_stage))
    return {};
  const auto found = std::ranges::find(gates, gate, &Gate::name);
  if (found != gates.end() && of_minor(*found)) return {};
  std::vector<std::string> names;
  for (const auto& each : gates) {
    if (of_minor(each)) names.emplace_back(each.name);
  }
  return make_error(ErrorId::usage,
                    "Kubernetes " + std::string(version) + " knows no feature gate '" + gate + "'" +
                        (found != gates.end() ? ", which is one of " + minors_text(*found) : did_you_mean(gate, names)),
                    "Leave it out of --feature-gates; --feature-gates= takes all away");
}

}  // namespace skiff::cluster
