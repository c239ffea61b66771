// SPDX-License-Identifier: Apache-2.0
#include "cluster/scheduled_stop.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>

#include "base/strings.h"
#include "cluster/lifecycle.h"
#include "net/agent/process_identity.h"
#include "net/spawn.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/net/socket_stream.h"
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

struct Schedule {
  net::ProcessIdentity holder;
  std::chrono::system_clock::time_point at;
};

std::string to_text(const Schedule& schedule) {
  const auto at = std::chrono::duration_cast<Duration>(schedule.at.time_since_epoch());
  return net::to_text(schedule.holder) + std::to_string(at.count()) + "\n";
}

// That of a process which lives.
std::optional<Schedule> read_schedule(const Home& home, const std::string& profile) {
  const auto lines = split(sys::read_file(holder_file(home, profile)).value_or(""), '\n');
  if (lines.size() < 2) return std::nullopt;
  const auto process = net::parse_identity(lines[0]);
  const auto at = parse_int(lines[1], "the time");
  if (!process || !at.ok() || !net::is_alive(*process)) return std::nullopt;
  return Schedule{*process, std::chrono::system_clock::time_point(Duration(*at))};
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
  const auto schedule = read_schedule(home, profile);
  if (schedule && schedule->holder == net::own_identity()) return false;  // its time has come
  if (schedule) TRY(net::make_end(ctx, schedule->holder, std::chrono::seconds(5)));
  if (sys::exists(holder_file(home, profile))) TRY(sys::remove_tree(holder_file(home, profile)));
  return schedule.has_value();
}

Result<bool> cancel_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile) {
  TRY(check_profile_name(profile));
  const auto lock = TRY(home.store.lock(ctx, profile));
  TRY(home.store.get(profile));
  return forget_scheduled_stop(ctx, home, profile);
}

std::optional<int> scheduled_stop_process(const Home& home, const std::string& profile) {
  const auto schedule = read_schedule(home, profile);
  return schedule ? std::optional<int>(schedule->holder.pid) : std::nullopt;
}

std::optional<Duration> time_to_scheduled_stop(const Home& home, const std::string& profile) {
  const auto schedule = read_schedule(home, profile);
  if (!schedule) return std::nullopt;
  const auto left = std::chrono::duration_cast<Duration>(schedule->at - std::chrono::system_clock::now());
  return std::max(left, Duration::zero());
}

Result<void> run_scheduled_stop(const Context& ctx, const Home& home, const std::string& profile, Duration delay,
                                const StopOptions& options) {
  TRY(sys::make_folders(home.store.folder(profile) + "/state"));
  const Schedule schedule{net::own_identity(), std::chrono::system_clock::now() + delay};
  TRY(sys::write_atomic(holder_file(home, profile), to_text(schedule)));
  say_ready();
  TRY(ctx.pause(delay));
  TRY(stop(ctx, home, profile, options));
  return sys::remove_tree(holder_file(home, profile));
}

}  // namespace skiff::cluster
