// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

// Numbers by their value: 1e3 may come back as 1000.
bool same(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  if (const auto *x = a.if_object(), *y = b.if_object(); x != nullptr && y != nullptr) {
    return x->size() == y->size() && std::ranges::all_of(*x, [&](const auto& member) {
             const auto* other = y->if_contains(member.key());
             return other != nullptr && same(member.value(), *other);
           });
  }
  if (const auto *x = a.if_array(), *y = b.if_array(); x != nullptr && y != nullptr) {
    return std::ranges::equal(*x, *y, same);
  }
  return a == b;
}

}  // namespace

void yaml(std::string_view input) {
  const auto documents = parse_yaml(input, "input.yaml");
  if (!documents.ok()) {
    must_hold(!documents.error().what.empty(), "an error says something");
    return;
  }
  // The emitter replaces what is not UTF-8.
  if (std::ranges::any_of(input, [](char byte) { return static_cast<unsigned char>(byte) >= 0x80; })) return;
  for (const auto& document : *documents) {
    const std::string text = to_yaml(document.value);
    const auto again = parse_yaml(text, "again.yaml");
    must_hold(again.ok(), "what was written can be read");
    if (again->empty()) return must_hold(document.value.is_null(), "only nothing is written as nothing");
    must_hold(again->size() == 1, "a document stays one");
    must_hold(same(again->front().value, document.value), "a document survives the way");
  }
}

}  // namespace skiff::fuzz
