// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/exec.h"

#include "base/strings.h"
#include "drivers/common/attend.h"
#include "drivers/docker/multiplex.h"

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

Result<void> resize(const Context& ctx, Engine& engine, const std::string& id, const TerminalSize& size) {
  const std::string query = "?h=" + std::to_string(size.rows) + "&w=" + std::to_string(size.columns);
  // The command may have ended meanwhile, which the other direction reports.
  TRY(engine.call(ctx, "POST", "/exec/" + id + "/resize" + query, nullptr, {400, 404, 409, 500}));
  return {};
}

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

  const CommandInput input{
      .write = [&](const Context& each, std::string_view bytes) { return session.stream->write(each, bytes); },
      .close = [&](const Context& each) { return session.stream->close_write(each); },
      .resize = [&](const Context& each, const TerminalSize& size) { return resize(each, engine, session.id, size); }};
  TRY(attend(ctx, request, input, [&](const Context& each) { return drain(each, *session.stream, request); }));
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
