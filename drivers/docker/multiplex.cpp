// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/multiplex.h"

#include <algorithm>

namespace skiff::drivers::docker {

void Demultiplexer::feed(std::string_view bytes, const std::function<void(Channel, std::string_view)>& sink) {
  constexpr std::size_t header_size = 8;
  while (!bytes.empty()) {
    if (left_ == 0) {
      const std::size_t missing = std::min(header_size - header_.size(), bytes.size());
      header_ += bytes.substr(0, missing);
      bytes.remove_prefix(missing);
      if (header_.size() < header_size) return;
      channel_ = static_cast<Channel>(header_[0]);
      for (std::size_t i = 4; i < header_size; ++i) left_ = left_ << 8 | static_cast<unsigned char>(header_[i]);
      header_.clear();
    }
    const auto payload = bytes.substr(0, left_);
    if (!payload.empty()) sink(channel_, payload);
    bytes.remove_prefix(payload.size());
    left_ -= payload.size();
  }
}

}  // namespace skiff::drivers::docker
