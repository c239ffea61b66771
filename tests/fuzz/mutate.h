// Texts made from a corpus by small changes, the same in every run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skiff::fuzz {

class Mutator {
 public:
  explicit Mutator(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {}
  std::string next();

 private:
  std::uint64_t random();
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random() % bound; }
  std::string piece_of(const std::string& text);
  void change(std::string& text);

  std::vector<std::string> corpus_;  // not empty
  std::uint64_t state_ = 0x9E3779B97F4A7C15U;
};

}  // namespace skiff::fuzz
