// SPDX-License-Identifier: Apache-2.0
// A two-way byte stream: a TCP or unix connection, or a command's standard streams in a node.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/context.h"

namespace skiff::sys {

class Stream {
 public:
  virtual ~Stream() = default;  // closes
  // Blocks until at least one byte is there; 0 = the peer has ended its direction.
  virtual Result<std::size_t> read(const Context& ctx, std::span<char> buffer) = 0;
  // Blocks until all of it is handed over.
  virtual Result<void> write(const Context& ctx, std::string_view bytes) = 0;
  // Ends our direction; the other may go on.
  virtual Result<void> close_write(const Context& ctx) = 0;
};

}  // namespace skiff::sys
