// SPDX-License-Identifier: Apache-2.0
#include "net/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include "net/os_error.h"
#include "sys/process.h"
#include "sys/unique_fd.h"

namespace skiff::net {
namespace {

std::vector<std::string> environment_of(const Program& program) {
  std::vector<std::string> out;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    if (!program.env.contains(std::string(pair.substr(0, pair.find('='))))) out.emplace_back(pair);
  }
  for (const auto& [name, value] : program.env) out.push_back(std::string(name).append("=").append(value));
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// Copies above the standard streams, so that none of them is overwritten before its turn.
Result<std::array<sys::UniqueFd, 3>> streams_of(const Program& program) {
  const sys::UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  std::array<sys::UniqueFd, 3> out;
  const std::array<int, 3> wanted = {program.in, program.out, program.err};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].reset(::fcntl(wanted[i] >= 0 ? wanted[i] : null.get(), F_DUPFD_CLOEXEC, 3));
    if (out[i].get() < 0) return os_error("Cannot pass a stream on");
  }
  return out;
}

// What happens in the child before it becomes the program.
struct Preparation {
  Preparation() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;
  ~Preparation() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

Result<pid_t> spawn(const Program& program, bool detached) {
  const std::string path = sys::find_program(program.argv.at(0));
  if (path.empty()) return make_error(ErrorId::tool_not_found, "'" + program.argv[0] + "' is not installed");
  const auto streams = TRY(streams_of(program));
  auto words = program.argv;
  auto environment = environment_of(program);

  Preparation child;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    posix_spawn_file_actions_adddup2(&child.actions, streams[i].get(), static_cast<int>(i));
  }
  if (detached) posix_spawn_file_actions_addchdir_np(&child.actions, "/");
  sigset_t blocked;
  sigset_t usual;
  sigemptyset(&blocked);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&child.attributes, &blocked);
  posix_spawnattr_setsigdefault(&child.attributes, &usual);
  const int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (detached ? POSIX_SPAWN_SETSID : 0);
  posix_spawnattr_setflags(&child.attributes, static_cast<short>(flags));

  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, path.c_str(), &child.actions, &child.attributes, pointers(words).data(),
                                 pointers(environment).data());
  if (code != 0) return os_error("Cannot run '" + program.argv[0] + "'", code);
  return pid;
}

}  // namespace

Result<pid_t> spawn_child(const Program& program) { return spawn(program, false); }

int wait_for_child(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<void> spawn_detached(const Program& program) {
  const pid_t pid = TRY(spawn(program, true));
  std::thread(wait_for_child, pid).detach();  // no zombie while this process lives; afterwards init is its parent
  return {};
}

}  // namespace skiff::net
