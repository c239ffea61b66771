// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/tty.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "sys/net/socket_stream.h"

namespace skiff::cli {

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

bool carries_input(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISREG(info.st_mode) || S_ISSOCK(info.st_mode));
}

int columns_of(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

Result<std::string> read_some(const Context& ctx, int fd) {
  TRY(sys::wait_ready(ctx, fd, POLLIN));
  std::array<char, 65536> buffer{};
  const ssize_t size = ::read(fd, buffer.data(), buffer.size());
  if (size < 0) {
    return make_error(ErrorId::host_error, std::string("Cannot read standard input: ") + std::strerror(errno));
  }
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

struct RawMode::Saved {
  int fd;
  termios before;
};

Result<RawMode> RawMode::enter(int fd) {
  auto saved = std::make_unique<Saved>(Saved{fd, {}});
  termios raw{};
  bool done = ::tcgetattr(fd, &saved->before) == 0;
  if (done) {
    raw = saved->before;
    ::cfmakeraw(&raw);
    done = ::tcsetattr(fd, TCSADRAIN, &raw) == 0;
  }
  if (!done) return make_error(ErrorId::host_error, std::string("Cannot set up the terminal: ") + std::strerror(errno));
  return RawMode(std::move(saved));
}

RawMode::RawMode(std::unique_ptr<Saved> saved) : saved_(std::move(saved)) {}
RawMode::RawMode(RawMode&&) noexcept = default;
RawMode::~RawMode() {
  if (saved_) ::tcsetattr(saved_->fd, TCSADRAIN, &saved_->before);
}

}  // namespace skiff::cli
