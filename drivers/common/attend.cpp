// SPDX-License-Identifier: Apache-2.0
#include "drivers/common/attend.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/parallel.h"
#include "sys/net/socket_stream.h"

namespace skiff::drivers {

namespace {

Result<void> feed_stdin(const Context& ctx, const ExecRequest& request, const CommandInput& input) {
  for (;;) {
    const std::string piece = request.in ? TRY(request.in(ctx)) : std::string();
    if (piece.empty()) return input.close(ctx);
    // A command may close its stdin early; its exit code tells whether that was right.
    if (const auto written = input.write(ctx, piece); !written.ok()) {
      return written.error().id == ErrorId::network ? Result<void>() : written;
    }
  }
}

// Keystrokes, and the terminal's size whenever it has changed, looked at on every wake-up.
Result<void> feed_terminal(const Context& ctx, int terminal, const CommandInput& input) {
  TerminalSize known = input.known;
  for (;;) {
    if (const TerminalSize now = size_of_terminal(terminal); now != known && now != TerminalSize()) {
      known = now;
      TRY(input.resize(ctx, now));
    }
    if (auto ready = sys::wait_ready(ctx.within(std::chrono::milliseconds(250)), terminal, POLLIN); !ready.ok()) {
      if (ready.error().id != ErrorId::timeout) return ready;
      TRY(ctx.check());
      continue;
    }
    std::array<char, 4096> keys{};
    const ssize_t count = ::read(terminal, keys.data(), keys.size());
    if (count < 0 && errno != EINTR) {
      return make_error(ErrorId::host_error, std::string("Cannot read the terminal: ") + std::strerror(errno));
    }
    if (count == 0) return input.close(ctx);
    if (count > 0) TRY(input.write(ctx, {keys.data(), static_cast<std::size_t>(count)}));
  }
}

}  // namespace

TerminalSize size_of_terminal(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_row, size.ws_col};
}

Result<void> attend(const Context& ctx, const ExecRequest& request, const CommandInput& input,
                    const std::function<Result<void>(const Context&)>& receive) {
  std::stop_source over;  // the command has ended: nobody reads its stdin any more
  const std::stop_callback forward(ctx.stop, [&] { over.request_stop(); });
  const auto take = [&](const Context& each) {
    auto received = receive(each);
    over.request_stop();
    return received;
  };
  const auto supply = [&](const Context& each) -> Result<void> {
    const Context until_over{over.get_token(), each.deadline, each.events};
    auto fed =
        request.tty_fd >= 0 ? feed_terminal(until_over, request.tty_fd, input) : feed_stdin(until_over, request, input);
    if (!fed.ok() && over.stop_requested() && !ctx.stop.stop_requested()) return {};
    return fed;
  };
  return parallel(ctx, {take, supply});
}

}  // namespace skiff::drivers
