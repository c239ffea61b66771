// SPDX-License-Identifier: Apache-2.0
// What a cluster was made with, and what the user now wants otherwise.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace skiff::cluster {

// A saved value wins over the default; a flag may repeat it but not change it (profile_conflict).
template <class T>
Result<void> keep(T& field, const std::optional<T>& wanted, bool saved, std::string_view flag) {
  if (!wanted || *wanted == field) return {};
  if (saved) {
    return make_error(ErrorId::profile_conflict,
                      "The profile was made with another " + std::string(flag) + ", which cannot change later");
  }
  field = *wanted;
  return {};
}

// Gathers what cannot change later, so that all of it is told at once.
class Refusals {
 public:
  // A profile_conflict waits for check(); every other error is handed back.
  Result<void> hold(Result<void> result);
  // One profile_conflict for all.
  Result<void> check() const;

 private:
  std::vector<Error> held_;
};

}  // namespace skiff::cluster
