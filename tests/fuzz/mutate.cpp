// SPDX-License-Identifier: Apache-2.0
#include "mutate.h"

#include <array>

namespace skiff::fuzz {

// xorshift64: the standard library's distributions differ between implementations.
std::uint64_t Mutator::random() {
  state_ ^= state_ << 13U;
  state_ ^= state_ >> 7U;
  state_ ^= state_ << 17U;
  return state_;
}

std::string Mutator::piece_of(const std::string& text) {
  const std::size_t from = below(text.size() + 1);
  return text.substr(from, below(32));
}

void Mutator::change(std::string& text) {
  constexpr std::array<char, 16> telling = {'\n', '\r', '\t', ' ', '#', ':',  '-',    '{',
                                            '[',  '"',  '\'', '&', '<', '\0', '\x7f', '\xff'};
  const std::size_t at = below(text.size() + 1);
  const std::string& other = corpus_[below(corpus_.size())];
  switch (below(7)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << below(8)));
      return;
    case 1:
      if (at < text.size()) text[at] = telling.at(below(telling.size()));
      return;
    case 2:
      text.insert(at, 1, telling.at(below(telling.size())));
      return;
    case 3:
      text.erase(at, 1 + below(16));
      return;
    case 4:
      text.insert(at, piece_of(text));
      return;
    case 5:
      text.insert(at, piece_of(other));
      return;
    default:
      text = text.substr(0, at) + other.substr(below(other.size() + 1));
  }
}

std::string Mutator::next() {
  constexpr std::size_t longest = 8192;
  std::string text = corpus_[below(corpus_.size())];
  for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(text);
  if (text.size() > longest) text.resize(longest);
  return text;
}

}  // namespace skiff::fuzz
