// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <csignal>

#include "net/agent/agent.h"
#include "net/agent/agent_protocol.h"
#include "net/line_socket.h"
#include "net/os_error.h"
#include "net/spawn.h"
#include "sys/files.h"

namespace skiff::net {
namespace {

constexpr Duration clean_end = std::chrono::seconds(5);  // what an agent may take to let go of its forwards

std::string lock_file(const std::string& folder) { return folder + "/agent.lock"; }

// A socket's path may have 107 bytes, a profile's folder more: it is named by way of a descriptor of the folder.
struct SocketPath {
  sys::UniqueFd folder;
  sockaddr_un address{};

  explicit SocketPath(const std::string& path) : folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    address.sun_family = AF_UNIX;
    agent_socket("/proc/self/fd/" + std::to_string(folder.get())).copy(address.sun_path, sizeof address.sun_path - 1);
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

// Nothing when nobody listens there.
Result<std::optional<sys::UniqueFd>> connect_to(const Context& ctx, const std::string& folder) {
  const SocketPath path(folder);
  sys::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return os_error("Cannot open a socket");
  while (::connect(fd.get(), path.get(), sizeof path.address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return std::optional<sys::UniqueFd>();
    if (errno == EACCES) return os_error(ErrorId::permission, "Cannot connect to " + agent_socket(folder));
    if (errno != EAGAIN && errno != EINTR) return os_error("Cannot connect to " + agent_socket(folder));
    TRY(ctx.pause(std::chrono::milliseconds(5)));  // its queue is full: there is nothing to wait for
  }
  return std::optional(std::move(fd));
}

Result<sys::UniqueFd> listen_in(const std::string& folder) {
  const SocketPath path(folder);
  sys::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  constexpr int queue = 64;
  ::unlink(agent_socket(folder).c_str());  // a dead agent's
  ::fchmod(fd.get(), 0600);                // bind() gives this mode to the file
  if (!fd || ::bind(fd.get(), path.get(), sizeof path.address) != 0 || ::listen(fd.get(), queue) != 0) {
    return os_error("Cannot listen on " + agent_socket(folder));
  }
  return fd;
}

Result<sys::UniqueFd> open_log(const std::string& folder) {
  constexpr off_t longest = 1 << 20;
  const std::string path = agent_log(folder);
  struct stat old{};
  if (::stat(path.c_str(), &old) == 0 && old.st_size > longest) ::rename(path.c_str(), (path + ".1").c_str());
  sys::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd) return os_error("Cannot write " + path);
  return fd;
}

// The caller holds the lock.
Result<void> start(const Context& ctx, const std::string& folder, const AgentProgram& program) {
  if (const auto old = running_agent(folder)) {
    // Just ending, or it lost its socket: two at a time would fight for the same ports.
    auto ended = wait_for_end(ctx.within(clean_end), *old);
    if (!ended.ok() && ended.error().id == ErrorId::timeout) {
      return make_error(ErrorId::timeout, "The agent, process " + std::to_string(old->pid) + ", does not answer",
                        "End it with 'kill " + std::to_string(old->pid) + "', then run the command again");
    }
    TRY(std::move(ended));
  }
  const sys::UniqueFd listening = TRY(listen_in(folder));
  const sys::UniqueFd log = TRY(open_log(folder));
  return spawn_detached(
      {.argv = program.argv, .env = program.env, .in = listening.get(), .out = log.get(), .err = log.get()});
}

Result<sys::UniqueFd> connect_or_start(const Context& ctx, const std::string& folder, const AgentProgram& program) {
  if (auto connection = TRY(connect_to(ctx, folder))) return std::move(*connection);
  TRY(sys::make_folders(folder));
  const auto lock = TRY(sys::Lock::acquire(ctx, lock_file(folder), {}));
  if (auto connection = TRY(connect_to(ctx, folder))) return std::move(*connection);  // somebody else was faster
  TRY(start(ctx, folder, program));
  if (auto connection = TRY(connect_to(ctx, folder))) return std::move(*connection);
  return make_error(ErrorId::host_error, "The agent ended at once", "See " + agent_log(folder));
}

// Nothing when the agent ended before it answered.
Result<std::optional<Json>> exchange(const Context& ctx, const std::string& folder, sys::UniqueFd connection,
                                     const std::string& line, int descriptor) {
  LineSocket socket(std::move(connection), agent_longest_line);
  if (auto sent = socket.send(ctx, line, descriptor); !sent.ok() && sent.error().id != ErrorId::network) {
    return std::move(sent).error();
  }
  const auto reply = TRY(socket.receive(ctx));
  if (!reply) return std::optional<Json>();
  const auto agent = running_agent(folder);
  const std::string who = agent ? "process " + std::to_string(agent->pid) : "a process 'skiff __agent'";
  return std::optional(TRY(parse_agent_answer(reply->text, who)));
}

}  // namespace

std::string agent_log(const std::string& folder) { return folder + "/agent.log"; }

std::optional<ProcessIdentity> running_agent(const std::string& folder) {
  const auto text = sys::read_file(agent_pid_file(folder));
  const auto agent = text.ok() ? parse_identity(*text) : std::nullopt;
  return agent && is_alive(*agent) ? agent : std::nullopt;
}

Result<Json> ask_agent(const Context& ctx, const std::string& folder, const AgentProgram& program, const Json& request,
                       int descriptor) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto before = running_agent(folder);
    auto connection = TRY(connect_or_start(ctx, folder, program));
    auto answer =
        TRY(exchange(ctx, folder, std::move(connection), agent_request_line(request, ctx.deadline.left()), descriptor));
    if (answer) return std::move(*answer);
    // A process that is just dying may close this connection before it closes the socket: wait, or it is asked again.
    const auto after = running_agent(folder);
    const bool same = after && (!before || *before == *after);
    if (same) [[maybe_unused]]
      const auto ended = wait_for_end(ctx.within(clean_end), *after);
  }
  return make_error(ErrorId::host_error, "The agent ended before it answered", "See " + agent_log(folder));
}

Result<std::optional<Json>> ask_running_agent(const Context& ctx, const std::string& folder, const Json& request,
                                              int descriptor) {
  auto connection = TRY(connect_to(ctx, folder));
  if (!connection) return std::optional<Json>();
  return exchange(ctx, folder, std::move(*connection), agent_request_line(request, ctx.deadline.left()), descriptor);
}

Result<void> stop_agent(const Context& ctx, const std::string& folder) {
  if (!sys::exists(folder)) return {};
  const auto lock = TRY(sys::Lock::acquire(ctx, lock_file(folder), {}));
  auto agent = running_agent(folder);
  bool told = false;
  if (auto connection = TRY(connect_to(ctx, folder))) {
    told = exchange(ctx.within(clean_end), folder, std::move(*connection), agent_end_line(), -1).ok();
    if (!agent) agent = running_agent(folder);  // it had only just been started
  }
  const bool ended = !agent || (told && wait_for_end(ctx.within(clean_end), *agent).ok());
  if (!ended) TRY(make_end(ctx, *agent, clean_end));
  ::unlink(agent_socket(folder).c_str());
  ::unlink(agent_pid_file(folder).c_str());
  return {};
}

}  // namespace skiff::net
