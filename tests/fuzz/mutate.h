// SPDX-License-Identifier: Apache-2.0
// Texts made from a corpus by small changes, the same for the same seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skiff::fuzz {

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> corpus, std::uint64_t seed = 0)
      : corpus_(std::move(corpus)), state_(seed ^ 0x9E3779B97F4A7C15U) {}
  std::string next();
  // One more text to be changed: one that led somewhere.
  void keep(std::string text) { corpus_.push_back(std::move(text)); }

 private:
  std::uint64_t random();
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random() % bound; }
  std::string piece_of(const std::string& text);
  void change(std::string& text);

  std::vector<std::string> corpus_;  // not empty
  std::uint64_t state_;              // never zero
};

}  // namespace skiff::fuzz
