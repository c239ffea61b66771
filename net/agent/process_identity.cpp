// SPDX-License-Identifier: Apache-2.0
#include "net/agent/process_identity.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "base/strings.h"
#include "sys/files.h"
#include "sys/net/socket_stream.h"
#include "sys/unique_fd.h"

namespace skiff::net {

std::optional<unsigned long long> start_time(std::string_view stat) {
  // "pid (name) state ppid ...": the name may hold anything, also blanks and parentheses.
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto fields = split(trim(stat.substr(name_end + 1)), ' ');  // from field 3, the state, on
  constexpr std::size_t threads_field = 20 - 3;
  constexpr std::size_t start_field = 22 - 3;
  if (fields.size() <= start_field) return std::nullopt;
  // As long as other threads are still on their way out, the process keeps its descriptors.
  const bool last_thread = fields[threads_field] == "1" || fields[threads_field] == "0";
  if ((fields[0] == "Z" || fields[0] == "X") && last_thread) return std::nullopt;
  const auto start = parse_int(fields[start_field], "The start time");
  if (!start.ok()) return std::nullopt;
  return static_cast<unsigned long long>(*start);
}

std::optional<ProcessIdentity> identity_of(pid_t pid) {
  const auto stat = sys::read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto start = stat.ok() ? start_time(*stat) : std::nullopt;
  if (!start) return std::nullopt;
  return ProcessIdentity{pid, *start};
}

ProcessIdentity own_identity() { return identity_of(::getpid()).value_or(ProcessIdentity{::getpid(), 0}); }

bool is_alive(const ProcessIdentity& process) { return identity_of(process.pid) == process; }

namespace {
// Stands for the process as long as it is open, whatever becomes of the number; none on kernels before 5.3.
sys::UniqueFd open_process(const ProcessIdentity& process) {
  return sys::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
}
}  // namespace

Result<void> wait_for_end(const Context& ctx, const ProcessIdentity& process) {
  constexpr Duration between_looks = std::chrono::milliseconds(20);
  const sys::UniqueFd fd = open_process(process);
  while (is_alive(process)) TRY(fd ? sys::wait_ready(ctx, fd.get(), POLLIN) : ctx.pause(between_looks));
  return {};
}

Result<void> make_end(const Context& ctx, const ProcessIdentity& process, Duration patience) {
  send_signal(process, SIGTERM);
  if (wait_for_end(ctx.within(patience), process).ok()) return {};
  TRY(ctx.check());
  send_signal(process, SIGKILL);
  return wait_for_end(ctx, process);
}

void send_signal(const ProcessIdentity& process, int signal) {
  const sys::UniqueFd fd = open_process(process);
  if (!is_alive(process)) return;
  if (fd) {
    ::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0);
  } else {
    ::kill(process.pid, signal);
  }
}

std::string to_text(const ProcessIdentity& process) {
  return std::to_string(process.pid) + " " + std::to_string(process.start) + "\n";
}

std::optional<ProcessIdentity> parse_identity(std::string_view text) {
  const auto words = split(trim(text), ' ');
  if (words.size() != 2) return std::nullopt;
  const auto pid = parse_int(words[0], "The process number");
  const auto start = parse_int(words[1], "The start time");
  if (!pid.ok() || !start.ok() || *pid <= 0 || *start < 0) return std::nullopt;
  return ProcessIdentity{static_cast<pid_t>(*pid), static_cast<unsigned long long>(*start)};
}

}  // namespace skiff::net
