// SPDX-License-Identifier: Apache-2.0
#include "base/piece_queue.h"

#include "base/await.h"

namespace skiff {

Result<void> PieceQueue::push(const Context& ctx, Piece piece) {
  std::unique_lock lock(mutex_);
  TRY(await(ctx, changed_, lock, [&] { return pieces_.size() < most_ || left_; }));
  if (!left_) pieces_.push_back(std::move(piece));
  changed_.notify_all();
  return {};
}

void PieceQueue::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

Result<Piece> PieceQueue::pop(const Context& ctx) {
  std::unique_lock lock(mutex_);
  TRY(await(ctx, changed_, lock, [&] { return !pieces_.empty() || ended_; }));
  if (pieces_.empty()) return Piece();
  Piece piece = std::move(pieces_.front());
  pieces_.pop_front();
  changed_.notify_all();
  return piece;
}

void PieceQueue::leave() {
  const std::lock_guard lock(mutex_);
  left_ = true;
  pieces_.clear();
  changed_.notify_all();
}

}  // namespace skiff
