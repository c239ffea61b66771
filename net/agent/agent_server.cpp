// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "net/agent/agent.h"
#include "net/agent/agent_protocol.h"
#include "net/line_socket.h"
#include "net/os_error.h"
#include "sys/log.h"
#include "sys/net/socket_stream.h"

namespace skiff::net {
namespace {

bool is_listening_unix_socket(int fd) {
  int domain = 0;
  int listens = 0;
  socklen_t size = sizeof(int);
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX &&
         ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

// The socket's mode keeps others out; this also holds where a file system has no modes.
bool is_own_user(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == ::geteuid() || peer.uid == 0);
}

}  // namespace

Result<AgentServer> AgentServer::start(sys::UniqueFd listening, const std::string& folder) {
  if (!is_listening_unix_socket(listening.get())) {
    return make_error(ErrorId::usage, "The agent is started by skiff itself, with a socket as its input");
  }
  ::fcntl(listening.get(), F_SETFL, ::fcntl(listening.get(), F_GETFL) | O_NONBLOCK);
  const std::string path = agent_pid_file(folder);
  const std::string text = to_text(own_identity());
  const sys::UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return os_error("Cannot write " + path);
  }
  return AgentServer(std::move(listening), folder);
}

AgentServer::~AgentServer() {
  if (!listening_) return;
  ::unlink(agent_socket(folder_).c_str());
  ::unlink(agent_pid_file(folder_).c_str());
}

void AgentServer::serve(const Context& ctx, const AgentHandler& handler) {
  while (sys::wait_ready(ctx, listening_.get(), POLLIN).ok()) {
    sys::UniqueFd client(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) {
      [[maybe_unused]] const auto rested = ctx.pause(std::chrono::milliseconds(10));  // descriptors have run out
    } else if (is_own_user(client.get()) && !answer(ctx, std::move(client), handler)) {
      break;
    }
  }
  ::unlink(agent_socket(folder_).c_str());
}

bool AgentServer::answer(const Context& ctx, sys::UniqueFd client, const AgentHandler& handler) {
  constexpr Duration longest_transfer = std::chrono::seconds(5);  // a client that hangs must not hold up the others
  LineSocket socket(std::move(client), agent_longest_line);
  auto received = socket.receive(ctx.within(longest_transfer));
  if (!received.ok()) return true;
  std::optional<LineSocket::Line>& line = *received;
  if (!line) return true;
  auto call = parse_agent_call(line->text);
  if (call.ok() && call->end) {
    [[maybe_unused]] const auto sent = socket.send(ctx.within(longest_transfer), agent_answer_line(Json(nullptr)));
    return false;
  }
  AgentReply reply{Json(nullptr), false};
  if (call.ok()) {
    reply = handler(ctx.within(call->limit), AgentRequest{std::move(call->request), std::move(line->descriptor)});
  } else {
    reply.body = std::move(call).error();
  }
  const auto sent = socket.send(ctx.within(longest_transfer), agent_answer_line(reply.body));
  if (!sent.ok()) sys::log::warn("An answer could not be sent: " + sent.error().what);
  return !reply.end;
}

}  // namespace skiff::net
