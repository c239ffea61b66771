#include "drivers/libvirt/exec.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/json.h"
#include "base/parallel.h"
#include "sys/socket_stream.h"

namespace skiff::drivers::libvirt {

namespace {

winsize size_of(int terminal) {
  winsize size{};
  ioctl(terminal, TIOCGWINSZ, &size);
  return size;
}

Result<int> drain(const Context& ctx, Conversation& conversation, const ExecRequest& request) {
  for (;;) {
    const auto frame = TRY(conversation.receive(ctx));
    if (!frame) return make_error(ErrorId::network, "The machine broke the command's connection off");
    if (frame->kind == 'x') return std::atoi(frame->content.c_str());
    const auto& sink = frame->kind == 'r' ? request.err : request.out;
    if (sink) sink(frame->content);
  }
}

Result<void> feed(const Context& ctx, Conversation& conversation, const ExecRequest& request) {
  for (;;) {
    const std::string piece = request.in ? TRY(request.in(ctx)) : std::string();
    if (piece.empty()) return conversation.send(ctx, 'e', {});
    TRY(conversation.send(ctx, 'i', piece));
  }
}

// Keystrokes, and the terminal's size whenever it has changed, looked at on every wake-up.
Result<void> feed_terminal(const Context& ctx, Conversation& conversation, int terminal) {
  winsize known = size_of(terminal);
  for (;;) {
    if (const winsize now = size_of(terminal); now.ws_row != known.ws_row || now.ws_col != known.ws_col) {
      known = now;
      const std::array<char, 4> content{static_cast<char>(now.ws_row >> 8), static_cast<char>(now.ws_row),
                                        static_cast<char>(now.ws_col >> 8), static_cast<char>(now.ws_col)};
      TRY(conversation.send(ctx, 'w', {content.data(), content.size()}));
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
    if (count == 0) return conversation.send(ctx, 'e', {});
    if (count > 0) TRY(conversation.send(ctx, 'i', {keys.data(), static_cast<std::size_t>(count)}));
  }
}

}  // namespace

Json exec_request(const ExecRequest& request) {
  JsonObject asked{{"exec", JsonArray(request.argv.begin(), request.argv.end())}};
  JsonObject env;
  for (const auto& [key, value] : request.env) env[key] = value;
  asked["env"] = std::move(env);
  if (request.tty_fd >= 0) {
    const winsize size = size_of(request.tty_fd);
    asked["terminal"] = JsonObject{{"rows", size.ws_row}, {"columns", size.ws_col}};
  }
  return asked;
}

Result<int> attend(const Context& ctx, Conversation& conversation, const ExecRequest& request) {
  std::stop_source over;  // the command has ended: nobody reads its stdin any more
  const std::stop_callback forward(ctx.stop, [&] { over.request_stop(); });
  int code = 255;
  const auto receive = [&](const Context& each) -> Result<void> {
    auto drained = drain(each, conversation, request);
    over.request_stop();
    code = TRY(std::move(drained));
    return {};
  };
  const auto supply = [&](const Context& each) -> Result<void> {
    const Context until_over{over.get_token(), each.deadline, each.events};
    auto fed = request.tty_fd >= 0 ? feed_terminal(until_over, conversation, request.tty_fd)
                                   : feed(until_over, conversation, request);
    if (!fed.ok() && over.stop_requested() && !ctx.stop.stop_requested()) return {};
    return fed;
  };
  TRY(parallel(ctx, {receive, supply}));
  return code;
}

}  // namespace skiff::drivers::libvirt
