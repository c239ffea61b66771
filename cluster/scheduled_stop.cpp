#include "cluster/scheduled_stop.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/strings.h"
#include "cluster/lifecycle.h"
#include "net/agent/process_identity.h"
#include "net/spawn.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/socket_stream.h"
#include "sys/unique_fd.h"

namespace skiff::cluster {
namespace {

// Who holds the schedule; goes with the profile's folder.
std::string holder_file(const Home& home, const std::string& profile) {
  return home.store.folder(profile) + "/state/scheduled-stop";
}

std::string absolute(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).string();
}

// The process works in "/": paths of the environment must not depend on where this one does.
std::map<std::string, std::string> environment(const Home& home) {
  std::map<std::string, std::string> env{{"SKIFF_HOME", absolute(home.folder())}};
  if (const auto kubeconfig = sys::env("KUBECONFIG")) {
    auto files = split(*kubeconfig, ':');
    for (auto& file : files) file = file.empty() ? file : absolute(file);
    env["KUBECONFIG"] = join(files, ":");
  }
  return env;
}

std::optional<net::ProcessIdentity> holder(const Home& home, const std::string& profile) {
  const auto text = sys::read_file(holder_file(home, profile));
  const auto process = text.ok() ? net::parse_identity(*text) : std::nullopt;
  return process && net::is_alive(*process) ? process : std::nullopt;
}

// Until the other side has said that it is ready; host_error when it has ended without a word.
Result<void> await_word(const Context& ctx, int fd) {
  TRY(sys::wait_ready(ctx, fd, POLLIN));
  char word = 0;
  if (::read(fd, &word, 1) == 1) return {};
  return make_error(ErrorId::host_error, "The process that was to hold the schedule ended at once",
                    "Its log is named by 'skiff logs --own'");
}

// Its starter waits for this.
void say_ready() {
  const char word = '+';
  [[maybe_unused]] const auto written = ::write(STDIN_FILENO, &word, 1);
  const sys::UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(null.get(), STDIN_FILENO);
}

}  // namespace

Result<void> schedule_stop(const Context& ctx, const Home& home, const std::string& profile, Duration delay,
                           const StopOptions& options) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  TRY(check_stop(ctx, TRY(open_profile(home, profile)), options));
  TRY(forget_scheduled_stop(ctx, home, profile));
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return make_error(ErrorId::host_error, "Cannot make a pipe");
  const sys::UniqueFd ours(ends[0]);
  sys::UniqueFd theirs(ends[1]);
  std::vector<std::string> argv = {sys::executable(), "__scheduled-stop", "-p",
                                   profile,           "--delay",          std::to_string(delay.count()) + "ms"};
  if (options.keep_memory) argv.emplace_back("--keep-memory");
  if (options.keep_context) argv.emplace_back("--keep-context-active");
  TRY(net::spawn_detached({.argv = std::move(argv), .env = environment(home), .in = theirs.get()}));
  theirs.reset();
  return await_word(ctx.within(std::chrono::seconds(20)), ours.get());
}

Result<bool> forget_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile) {
  const auto process = holder(home, profile);
  if (process == net::own_identity()) return false;  // its time has come
  if (process) TRY(net::make_end(ctx, *process, std::chrono::seconds(5)));
  if (sys::exists(holder_file(home, profile))) TRY(sys::remove_tree(holder_file(home, profile)));
  return process.has_value();
}

Result<bool> cancel_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  TRY(home.store.get(profile));
  return forget_scheduled_stop(ctx, home, profile);
}

Result<void> run_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile, Duration delay,
                                const StopOptions& options) {
  TRY(sys::make_folders(home.store.folder(profile) + "/state"));
  TRY(sys::write_atomic(holder_file(home, profile), net::to_text(net::own_identity())));
  say_ready();
  TRY(ctx.pause(delay));
  TRY(stop(ctx, home, profile, options));
  return sys::remove_tree(holder_file(home, profile));
}

}  // namespace skiff::cluster
