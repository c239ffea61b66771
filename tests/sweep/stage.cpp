// SPDX-License-Identifier: Apache-2.0
#include "stage.h"

#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "file_calls.h"

namespace skiff::sweep {
namespace {

namespace fs = std::filesystem;

constexpr int killed_code = 9;
constexpr unsigned longest_seconds = 100;

class Warnings final : public Events {
 public:
  void step_started(std::string_view, std::string_view) override {}
  void step_finished(std::string_view, bool) override {}
  void progress(std::string_view, std::string_view) override {}
  void note(std::string_view) override {}
  void warning(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    told_.emplace_back(text);
  }
  JsonArray told() {
    const std::lock_guard lock(mutex_);
    return JsonArray(told_.begin(), told_.end());
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
};

std::string text_of(const Error& error) {
  std::string text = std::string(info(error.id).name) + ": " + error.what;
  for (const auto& line : error.trail) text += " / " + line;
  return text;
}

std::string slurp(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void spill(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

// Where a process tells of itself, beside the folder that it changes.
std::string outcome_file(const fakes::TemporaryHome& home) { return home.path + ".outcome"; }
std::string world_file(const fakes::TemporaryHome& home) { return home.path + ".world"; }

// Every call of one run, and what is to happen at one of them.
class Disturber {
 public:
  Disturber(fakes::FakeWorld& world, const fakes::TemporaryHome& home, const std::optional<Disturbance>& wanted)
      : world_(world), home_(home), wanted_(wanted) {}

  fakes::Verdict at(const std::string& call) {
    {
      std::unique_lock lock(mutex_);
      silence_.wait(lock, [&] { return !dead_; });  // nothing happens any more
      const Point point{call, ++counts_[call]};
      calls_.push_back({{"call", point.call}, {"number", point.number}});
      if (!wanted_ || wanted_->point != point) return fakes::Verdict::pass;
      reached_ = true;
      dead_ = wanted_->way == Way::kill;
    }
    if (wanted_->way == Way::kill) end({{"killed", true}}, killed_code);
    if (wanted_->way == Way::interrupt) stop_.request_stop();
    if (wanted_->way == Way::fail) return fakes::Verdict::refuse;
    return wanted_->way == Way::lose ? fakes::Verdict::lose : fakes::Verdict::pass;
  }

  [[noreturn]] void end(JsonObject outcome, int code) {
    {
      const std::lock_guard lock(mutex_);
      outcome["calls"] = calls_;
      outcome["reached"] = reached_;
    }
    spill(world_file(home_), world_.to_text());
    spill(outcome_file(home_), to_text(outcome));
    ::_exit(code);
  }

  std::stop_token stop() const { return stop_.get_token(); }

 private:
  fakes::FakeWorld& world_;
  const fakes::TemporaryHome& home_;
  const std::optional<Disturbance>& wanted_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable silence_;
  std::map<std::string, int> counts_;
  JsonArray calls_;
  bool reached_ = false;
  bool dead_ = false;
};

}  // namespace

std::string_view to_string(Way way) {
  switch (way) {
    case Way::fail:
      return "failed";
    case Way::lose:
      return "done, but told as failed";
    case Way::interrupt:
      return "interrupted";
    default:
      return "killed";
  }
}

std::string to_string(const Point& point) { return point.call + " #" + std::to_string(point.number); }

Stage::Stage() {
  world_.add_own_images();
  world_.port_of("lab");
  world_text_ = world_.to_text();
}

Stage::~Stage() {
  fs::remove(outcome_file(temporary_));
  fs::remove(world_file(temporary_));
}

Outcome Stage::run(const Verb& verb, const std::optional<Disturbance>& disturbance) {
  fs::remove(outcome_file(temporary_));
  const pid_t child = ::fork();
  if (child == 0) run_here(verb, disturbance);
  int status = 0;
  ::waitpid(child, &status, 0);

  Outcome outcome;
  const auto told = parse_json(slurp(outcome_file(temporary_)));
  if (!told.ok()) {
    outcome.error = WIFSIGNALED(status) ? "the process ended by signal " + std::to_string(WTERMSIG(status))
                                        : "the process ended with " + std::to_string(WEXITSTATUS(status));
    return outcome;
  }
  world_text_ = slurp(world_file(temporary_));
  outcome.ok = bool_at(*told, "ok");
  outcome.killed = bool_at(*told, "killed");
  outcome.reached = bool_at(*told, "reached");
  outcome.error = text_at(*told, "error");
  for (const auto& warning : array_at(*told, "warnings")) outcome.warnings.emplace_back(warning.as_string());
  for (const auto& call : array_at(*told, "calls")) {
    outcome.calls.push_back({text_at(call, "call"), static_cast<int>(int_at(call, "number"))});
  }
  return outcome;
}

void Stage::run_here(const Verb& verb, const std::optional<Disturbance>& disturbance) {
  ::alarm(longest_seconds);
  world_.load(world_text_);
  Disturber disturber(world_, temporary_, disturbance);
  world_.gate = [&](const std::string& call) { return disturber.at(call); };
  watch_files(temporary_.path, [&](const std::string& call) { return disturber.at(call) == fakes::Verdict::refuse; });
  Warnings events;
  const Context ctx{disturber.stop(), Deadline::in(std::chrono::seconds(60)), &events};
  const auto result = verb(ctx, world_.home(temporary_.home()));
  disturber.end({{"ok", result.ok()},
                 {"error", result.ok() ? std::string() : text_of(result.error())},
                 {"warnings", events.told()}},
                0);
}

void Stage::change(const std::function<void(fakes::FakeWorld&)>& change) {
  run([&](const Context&, const cluster::Home&) -> Result<void> {
    change(world_);
    return {};
  });
}

State Stage::state() const {
  State state{world_text_, {}};
  for (const auto& entry : fs::recursive_directory_iterator(temporary_.path)) {
    const std::string path = fs::relative(entry.path(), temporary_.path).string();
    state.files[entry.is_directory() ? path + "/" : path] = entry.is_directory() ? "" : slurp(entry.path());
  }
  return state;
}

void Stage::restore(const State& state) {
  world_text_ = state.world;
  for (const auto& entry : fs::directory_iterator(temporary_.path)) fs::remove_all(entry.path());
  for (const auto& [path, content] : state.files) {
    const fs::path full = fs::path(temporary_.path) / path;
    if (path.ends_with('/')) {
      fs::create_directories(full);
    } else {
      fs::create_directories(full.parent_path());
      spill(full, content);
      fs::permissions(full, fs::perms::owner_read | fs::perms::owner_write);
    }
  }
}

}  // namespace skiff::sweep
