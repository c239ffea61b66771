// SPDX-License-Identifier: Apache-2.0
#include "net/forward/pipe_pool.h"

#include <fcntl.h>

#include <array>

namespace skiff::net {
namespace {

// A large pipe halves the processor time per byte. The kernel gives a user 64 MiB of pipes before it makes all further
// ones tiny (/proc/sys/fs/pipe-user-pages-soft), so that half of that is taken and then ordinary pipes have to do.
constexpr int large_size = 1 << 20;
constexpr long most_large = 32;
constexpr std::size_t most_free = 64;

}  // namespace

Pipe PipePool::take() {
  if (!free_.empty()) {
    Pipe pipe = std::move(free_.back());
    free_.pop_back();
    return pipe;
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return {};
  Pipe pipe{sys::UniqueFd(ends[0]), sys::UniqueFd(ends[1]), nullptr};
  const long large_ones = large_.use_count() - 1;
  if (large_ones < most_large && ::fcntl(pipe.in.get(), F_SETPIPE_SZ, large_size) > 0) pipe.large = large_;
  return pipe;
}

void PipePool::give_back(Pipe&& pipe) {
  if (pipe.large) {
    free_.push_back(std::move(pipe));
  } else if (free_.size() < most_free) {
    free_.push_front(std::move(pipe));
  }
}

}  // namespace skiff::net
