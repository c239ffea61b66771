#include "base/piece_queue.h"

namespace skiff {

template <class Condition>
Result<void> PieceQueue::wait(const Context& ctx, std::unique_lock<std::mutex>& lock, Condition condition) {
  while (!condition()) {
    TRY(ctx.check());
    changed_.wait_for(lock, ctx.stop, ctx.deadline.left(), condition);
  }
  return {};
}

Result<void> PieceQueue::push(const Context& ctx, Piece piece) {
  std::unique_lock lock(mutex_);
  TRY(wait(ctx, lock, [&] { return pieces_.size() < most_ || left_; }));
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
  TRY(wait(ctx, lock, [&] { return !pieces_.empty() || ended_; }));
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
