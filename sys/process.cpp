// SPDX-License-Identifier: Apache-2.0
#include "sys/process.h"

#include <linux/close_range.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <boost/asio.hpp>
#include <boost/process/v2.hpp>
#include <boost/process/v2/stdio.hpp>
#include <filesystem>

#include "base/strings.h"
#include "sys/env.h"
#include "sys/log.h"

namespace skiff::sys {
namespace {

namespace asio = boost::asio;
namespace bp = boost::process::v2;

// The child gets this environment and leads a process group of its own, so that whatever it starts can be ended with
// it.
class ChildSetup {
 public:
  explicit ChildSetup(std::vector<std::string>& environment) {
    for (auto& entry : environment) environment_.push_back(entry.data());
    environment_.push_back(nullptr);
  }
  template <class Launcher>
  bp::error_code on_setup(Launcher& launcher, const bp::filesystem::path&, const char* const*&) {
    launcher.env = environment_.data();
    return {};
  }
  template <class Launcher>
  bp::error_code on_exec_setup(Launcher&, const bp::filesystem::path&, const char* const*&) {
    ::setpgid(0, 0);
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);  // nothing but the three streams crosses over
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);  // ignored signals would stay ignored in the new program
    return {};
  }

 private:
  std::vector<const char*> environment_;
};

// Collects one output pipe until its end, handing complete lines on.
class Reader {
 public:
  Reader(asio::readable_pipe& pipe, std::string& into, const std::function<void(std::string_view)>& on_line)
      : pipe_(pipe), into_(into), on_line_(on_line) {}

  void start() {
    pipe_.async_read_some(asio::buffer(buffer_), [this](boost::system::error_code error, std::size_t size) {
      into_.append(buffer_.data(), size);
      pass_lines(error ? into_.size() : 0);
      if (!error) start();
    });
  }

 private:
  void pass_lines(std::size_t at_least) {
    if (!on_line_) return;
    for (auto end = into_.find('\n', passed_); end != std::string::npos; end = into_.find('\n', passed_)) {
      on_line_(std::string_view(into_).substr(passed_, end - passed_));
      passed_ = end + 1;
    }
    if (passed_ < at_least) on_line_(std::string_view(into_).substr(passed_));
  }

  asio::readable_pipe& pipe_;
  std::string& into_;
  const std::function<void(std::string_view)>& on_line_;
  std::size_t passed_ = 0;
  std::array<char, 65536> buffer_;
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& extra) {
  std::vector<std::string> merged;
  for (char** entry = ::environ; *entry != nullptr; ++entry) {
    const std::string_view pair(*entry);
    if (!extra.contains(std::string(pair.substr(0, pair.find('='))))) merged.emplace_back(pair);
  }
  for (const auto& [key, value] : extra) merged.push_back(key + "=" + value);
  return merged;
}

std::string last_lines(const Output& output) {
  const std::string_view text = trim(output.err.empty() ? output.out : output.err);
  constexpr std::size_t longest = 600;
  return std::string(text.size() > longest ? text.substr(text.size() - longest) : text);
}

}  // namespace

std::string find_program(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return std::string(name);
  for (const auto& folder : split(env("PATH").value_or("/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"), ':')) {
    const std::string path = folder + "/" + std::string(name);
    std::error_code ignored;
    if (::access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path, ignored)) return path;
  }
  return {};
}

Result<Output> run(const Context& ctx, const Command& command) {
  TRY(ctx.check());
  const std::string program = find_program(command.argv.at(0));
  if (program.empty()) return make_error(ErrorId::tool_not_found, "'" + command.argv[0] + "' is not installed");
  log::debug("run " + join(command.argv, " "));
  try {
    asio::io_context io;
    asio::writable_pipe in(io);
    asio::readable_pipe out(io);
    asio::readable_pipe err(io);
    std::vector<std::string> environment = merged_environment(command.env);
    const std::string cwd = command.cwd.empty() ? "." : command.cwd;
    bp::process child(io, program, std::vector<std::string>(command.argv.begin() + 1, command.argv.end()),
                      command.inherits_input ? bp::process_stdio{{}, out, err} : bp::process_stdio{in, out, err},
                      bp::process_start_dir(cwd), ChildSetup(environment));

    Output output;
    Reader out_reader(out, output.out, command.on_line);
    Reader err_reader(err, output.err, command.on_line);
    out_reader.start();
    err_reader.start();
    asio::async_write(in, asio::buffer(command.input), [&](boost::system::error_code, std::size_t) { in.close(); });

    // Both pipes may stay open in a grandchild after the child itself has ended: closing them ends the readers.
    bool ended = false;
    asio::steady_timer grace(io);
    child.async_wait([&](boost::system::error_code, int status) {
      output.exit_code = status;
      ended = true;
      grace.cancel();
    });
    const auto end_group = [&] {
      ::kill(-child.id(), SIGTERM);
      grace.expires_after(std::chrono::seconds(2));
      grace.async_wait([&](boost::system::error_code) {
        ::kill(-child.id(), SIGKILL);
        out.close();
        err.close();
      });
    };
    const std::stop_callback on_stop(ctx.stop, [&] { asio::post(io, end_group); });
    io.run_for(ctx.deadline.left());
    if (!io.stopped()) {
      end_group();
      io.run();
    }
    if (!ended) child.wait();
    TRY(ctx.check());
    return output;
  } catch (const std::exception& e) {
    return make_error(ErrorId::host_error, "Cannot run '" + program + "': " + e.what());
  }
}

Result<Output> run_checked(const Context& ctx, const Command& command, ErrorId id) {
  Output output = TRY(run(ctx, command));
  if (output.exit_code == 0) return output;
  Error error = make_error(id, "'" + join(command.argv, " ") + "' ended with code " + std::to_string(output.exit_code));
  if (const auto words = last_lines(output); !words.empty()) error.trail.push_back(words);
  return error;
}

Error exec_replace(const std::vector<std::string>& argv, const std::map<std::string, std::string>& extra) {
  const std::string program = find_program(argv.at(0));
  if (program.empty()) return make_error(ErrorId::tool_not_found, "'" + argv[0] + "' is not installed");
  for (const auto& [key, value] : extra) ::setenv(key.c_str(), value.c_str(), 1);
  std::vector<char*> raw;
  for (const auto& word : argv) raw.push_back(const_cast<char*>(word.c_str()));
  raw.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execv(program.c_str(), raw.data());
  return make_error(ErrorId::host_error, "Cannot run '" + program + "': " + std::string(::strerror(errno)));
}

}  // namespace skiff::sys
