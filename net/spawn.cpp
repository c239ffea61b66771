#include "net/spawn.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "net/os_error.h"
#include "sys/process.h"
#include "sys/unique_fd.h"

namespace skiff::net {
namespace {

// All that a child needs, made before the fork: between fork and exec it may not allocate memory.
class Image {
 public:
  explicit Image(const Program& program) : path_(sys::find_program(program.argv.at(0))), words_(program.argv) {
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
      const std::string_view pair(*entry);
      if (!program.env.contains(std::string(pair.substr(0, pair.find('='))))) environment_.emplace_back(pair);
    }
    for (const auto& [name, value] : program.env) environment_.push_back(std::string(name).append("=").append(value));
    argv_ = pointers(words_);
    envp_ = pointers(environment_);
    streams_ = {program.in, program.out, program.err};
  }

  bool found() const { return !path_.empty(); }

  // Becomes the program; returns only when that failed, with errno.
  void run() const {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    // Copies above the standard streams first, so that none of them is overwritten before its turn.
    std::array<int, 3> copies{};
    for (std::size_t i = 0; i < 3; ++i) copies[i] = ::fcntl(streams_[i] >= 0 ? streams_[i] : null, F_DUPFD_CLOEXEC, 3);
    for (std::size_t i = 0; i < 3; ++i) {
      if (::dup2(copies[i], static_cast<int>(i)) < 0) return;
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::execve(path_.c_str(), argv_.data(), envp_.data());
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    out.reserve(words.size() + 1);
    for (auto& word : words) out.push_back(word.data());
    out.push_back(nullptr);
    return out;
  }

  std::string path_;
  std::vector<std::string> words_;
  std::vector<std::string> environment_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
  std::array<int, 3> streams_{};
};

// Forks; the child does `child()`, which returns only on failure. The parent learns of that by a pipe that a
// successful exec closes.
template <class Child>
Result<pid_t> fork_and_exec(const Program& program, const Child& child) {
  const Image image(program);
  if (!image.found()) return make_error(ErrorId::tool_not_found, "'" + program.argv[0] + "' is not installed");
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return os_error("Cannot make a pipe");
  const sys::UniqueFd failed(ends[0]);
  sys::UniqueFd tell(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return os_error("Cannot start a process");
  if (pid == 0) {
    child(image);
    const int code = errno;
    [[maybe_unused]] const auto written = ::write(tell.get(), &code, sizeof code);
    ::_exit(127);
  }
  tell.reset();
  int code = 0;
  if (::read(failed.get(), &code, sizeof code) == sizeof code) {
    wait_for_child(pid);
    return os_error("Cannot run '" + program.argv[0] + "'", code);
  }
  return pid;
}

}  // namespace

Result<pid_t> spawn_child(const Program& program) {
  return fork_and_exec(program, [](const Image& image) { image.run(); });
}

int wait_for_child(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Result<void> spawn_detached(const Program& program) {
  const pid_t between = TRY(fork_and_exec(program, [](const Image& image) {
    ::setsid();
    const pid_t pid = ::fork();
    if (pid > 0) ::_exit(0);
    if (pid == 0 && ::chdir("/") == 0) image.run();
  }));
  wait_for_child(between);
  return {};
}

}  // namespace skiff::net
