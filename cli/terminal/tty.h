// SPDX-License-Identifier: Apache-2.0
// The user's terminal as a device.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/context.h"

namespace skiff::cli {

bool is_terminal(int fd);
bool carries_input(int fd);  // a pipe, file or socket: somebody has put it there; no terminal or /dev/null
int columns_of(int fd);      // 80 when unknown
// What comes next on standard input or another file; nothing at its end. Waiting ends with the context.
Result<std::string> read_some(const Context& ctx, int fd);

// Every key goes to the other side as it is, Ctrl-C included, until destroyed.
class RawMode {
 public:
  static Result<RawMode> enter(int fd);
  RawMode(RawMode&&) noexcept;
  RawMode& operator=(RawMode&&) = delete;
  ~RawMode();

 private:
  struct Saved;
  explicit RawMode(std::unique_ptr<Saved> saved);
  std::unique_ptr<Saved> saved_;
};

}  // namespace skiff::cli
