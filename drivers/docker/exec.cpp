#include "drivers/docker/exec.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/parallel.h"
#include "base/strings.h"
#include "drivers/docker/multiplex.h"
#include "sys/socket_stream.h"

namespace skiff::drivers::docker {

namespace {

struct Session {
  std::string id;
  std::unique_ptr<sys::Stream> stream;
};

Result<Session> begin(const Context& ctx, Engine& engine, const std::string& container, const ExecRequest& request) {
  const bool tty = request.tty_fd >= 0;
  JsonArray argv(request.argv.begin(), request.argv.end());
  JsonArray env;
  for (const auto& [key, value] : request.env) env.emplace_back(std::string(key).append("=").append(value));
  const JsonObject description{{"AttachStdin", tty || request.in != nullptr},
                               {"AttachStdout", true},
                               {"AttachStderr", true},
                               {"Tty", tty},
                               {"Env", std::move(env)},
                               {"Cmd", std::move(argv)}};
  const auto created = TRY(engine.call(ctx, "POST", "/containers/" + container + "/exec", description, {404, 409}));
  if (created.status != 201) {
    return make_error(ErrorId::cluster_not_running, "The node '" + container + "' does not run");
  }
  const std::string id = text_at(created.json(), "Id");
  auto stream = TRY(engine.open(ctx, "/exec/" + id + "/start", JsonObject{{"Detach", false}, {"Tty", tty}}));
  return Session{id, std::move(stream)};
}

// The exit code is known an instant after the stream has ended.
Result<int> exit_code(const Context& ctx, Engine& engine, const std::string& id) {
  const Context soon = ctx.within(std::chrono::seconds(10));
  for (;;) {
    const Json state = TRY(engine.get(soon, "/exec/" + id + "/json"));
    if (!bool_at(state, "Running")) return static_cast<int>(int_at(state, "ExitCode", 255));
    TRY(soon.pause(std::chrono::milliseconds(5)));
  }
}

Result<void> drain(const Context& ctx, sys::Stream& stream, const ExecRequest& request) {
  std::vector<char> buffer(65536);
  Demultiplexer frames;
  for (;;) {
    const std::size_t count = TRY(stream.read(ctx, buffer));
    if (count == 0) return {};
    const std::string_view bytes(buffer.data(), count);
    if (request.tty_fd >= 0) {
      if (request.out) request.out(bytes);
      continue;
    }
    frames.feed(bytes, [&](Demultiplexer::Channel channel, std::string_view piece) {
      const auto& sink = channel == Demultiplexer::Channel::err ? request.err : request.out;
      if (sink) sink(piece);
    });
  }
}

Result<void> feed(const Context& ctx, sys::Stream& stream, const ExecRequest& request) {
  for (;;) {
    const std::string piece = TRY(request.in(ctx));
    if (piece.empty()) return stream.close_write(ctx);
    // A command may close its stdin early; its exit code tells whether that was right.
    if (const auto written = stream.write(ctx, piece); !written.ok()) {
      return written.error().id == ErrorId::network ? Result<void>() : written;
    }
  }
}

// Keystrokes, and the terminal's size whenever it has changed, looked at on every wake-up.
class Terminal {
 public:
  Terminal(Engine& engine, const Session& session, int fd) : engine_(engine), session_(session), fd_(fd) {}

  Result<void> feed(const Context& ctx) {
    for (;;) {
      TRY(resize(ctx));
      if (auto ready = sys::wait_ready(ctx.within(std::chrono::milliseconds(250)), fd_, POLLIN); !ready.ok()) {
        if (ready.error().id != ErrorId::timeout) return ready;
        TRY(ctx.check());
        continue;
      }
      std::array<char, 4096> keys{};
      const ssize_t count = ::read(fd_, keys.data(), keys.size());
      if (count < 0 && errno != EINTR) {
        return make_error(ErrorId::host_error, std::string("Cannot read the terminal: ") + std::strerror(errno));
      }
      if (count == 0) return session_.stream->close_write(ctx);
      if (count > 0) TRY(session_.stream->write(ctx, {keys.data(), static_cast<std::size_t>(count)}));
    }
  }

 private:
  Result<void> resize(const Context& ctx) {
    winsize size{};
    if (ioctl(fd_, TIOCGWINSZ, &size) != 0) return {};
    if (size.ws_row == size_.ws_row && size.ws_col == size_.ws_col) return {};
    size_ = size;
    const std::string query = "?h=" + std::to_string(size.ws_row) + "&w=" + std::to_string(size.ws_col);
    // The command may have ended meanwhile, which the other direction reports.
    TRY(engine_.call(ctx, "POST", "/exec/" + session_.id + "/resize" + query, nullptr, {400, 404, 409, 500}));
    return {};
  }

  Engine& engine_;
  const Session& session_;
  int fd_;
  winsize size_{};
};

// A command's stdin and stdout as a stream; what it says on stderr explains an early end.
class ExecStream final : public sys::Stream {
 public:
  explicit ExecStream(std::unique_ptr<sys::Stream> stream) : stream_(std::move(stream)), buffer_(65536) {}

  Result<std::size_t> read(const Context& ctx, std::span<char> buffer) override {
    while (out_.empty()) {
      const std::size_t count = TRY(stream_->read(ctx, buffer_));
      if (count == 0) {
        if (!err_.empty()) return make_error(ErrorId::network, "Cannot connect inside the node: " + err_);
        return count;
      }
      frames_.feed({buffer_.data(), count}, [this](Demultiplexer::Channel channel, std::string_view piece) {
        (channel == Demultiplexer::Channel::err ? err_ : out_) += piece;
      });
    }
    const std::size_t count = out_.copy(buffer.data(), buffer.size());
    out_.erase(0, count);
    return count;
  }
  Result<void> write(const Context& ctx, std::string_view bytes) override { return stream_->write(ctx, bytes); }
  Result<void> close_write(const Context& ctx) override { return stream_->close_write(ctx); }

 private:
  std::unique_ptr<sys::Stream> stream_;
  std::vector<char> buffer_;
  Demultiplexer frames_;
  std::string out_;
  std::string err_;
};

}  // namespace

Result<int> exec(const Context& ctx, Engine& engine, const std::string& container, const ExecRequest& request) {
  const Session session = TRY(begin(ctx, engine, container, request));
  if (!request.in && request.tty_fd < 0) {
    TRY(drain(ctx, *session.stream, request));
    return exit_code(ctx, engine, session.id);
  }

  std::stop_source over;  // the command has ended: nobody reads its stdin any more
  const std::stop_callback forward(ctx.stop, [&] { over.request_stop(); });
  const auto receive = [&](const Context& each) {
    auto drained = drain(each, *session.stream, request);
    over.request_stop();
    return drained;
  };
  const auto supply = [&](const Context& each) -> Result<void> {
    const Context until_over{over.get_token(), each.deadline, each.events};
    auto fed = request.tty_fd >= 0 ? Terminal(engine, session, request.tty_fd).feed(until_over)
                                   : feed(until_over, *session.stream, request);
    if (!fed.ok() && over.stop_requested() && !ctx.stop.stop_requested()) return {};
    return fed;
  };
  TRY(parallel(ctx, {receive, supply}));
  return exit_code(ctx, engine, session.id);
}

Result<std::unique_ptr<sys::Stream>> open_tcp(const Context& ctx, Engine& engine, const std::string& container,
                                              std::string_view host, std::uint16_t port) {
  ExecRequest request;
  // -t: after one direction has ended, the other may go on for that many seconds.
  request.argv = {"socat", "-t", "3600", "-", "TCP:" + std::string(host) + ":" + std::to_string(port)};
  request.in = [](const Context&) -> Result<std::string> { return std::string(); };
  Session session = TRY(begin(ctx, engine, container, request));
  return std::unique_ptr<sys::Stream>(std::make_unique<ExecStream>(std::move(session.stream)));
}

}  // namespace skiff::drivers::docker
