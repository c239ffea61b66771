// SPDX-License-Identifier: Apache-2.0
// Bytes on their way from one thread to another, never more than so many pieces at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "base/context.h"

namespace skiff {

using Piece = std::shared_ptr<const std::string>;
inline Piece make_piece(std::string bytes) { return std::make_shared<const std::string>(std::move(bytes)); }

class PieceQueue {
 public:
  explicit PieceQueue(std::size_t most = 8) : most_(most) {}

  // Blocks while it is full. Dropped once the reader has left.
  Result<void> push(const Context& ctx, Piece piece);
  void end();  // by the writer: no more pieces come
  // Blocks until there is one; null at the end.
  Result<Piece> pop(const Context& ctx);
  void leave();  // by the reader: it takes no more

 private:
  std::size_t most_;
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::deque<Piece> pieces_;
  bool ended_ = false;
  bool left_ = false;
};

}  // namespace skiff
