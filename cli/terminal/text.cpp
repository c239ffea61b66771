// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <ostream>
#include <thread>
#include <vector>

#include "cli/terminal/terminal.h"
#include "cli/terminal/tty.h"

namespace skiff::cli {
namespace {

using Clock = std::chrono::steady_clock;

std::string seconds(Clock::duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s", std::chrono::duration<double>(duration).count());
  return text.data();
}

// Cut to `width` columns, never inside a UTF-8 character.
std::string cut(std::string text, std::size_t width) {
  if (text.size() <= width) return text;
  while (width > 0 && (static_cast<unsigned char>(text[width]) & 0xC0) == 0x80) --width;
  text.resize(width);
  return text;
}

class TextTerminal final : public Terminal {
 public:
  explicit TextTerminal(const Screen& screen) : screen_(screen) {}

  void step_started(std::string_view name, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    open_.push_back({std::string(name), std::string(text), {}, Clock::now()});
    if (!screen_.animated) return;
    if (!spinner_.joinable()) spinner_ = std::jthread([this](const std::stop_token& stop) { spin(stop); });
    changed_.notify_all();
  }

  void step_finished(std::string_view name, bool ok) override {
    const std::lock_guard lock(mutex_);
    const auto step = std::find_if(open_.begin(), open_.end(), [&](const auto& s) { return s.name == name; });
    if (step == open_.end()) return;
    const std::string time = "(" + seconds(Clock::now() - step->begin) + ")";
    line((ok ? tick() : cross()) + " " + step->text + "  " + coloured("2", time));
    open_.erase(step);
  }

  void progress(std::string_view name, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    for (auto& step : open_) {
      if (step.name == name) step.progress = text;
    }
  }

  void note(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    line(printable(text));
  }

  void warning(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    line(coloured("33", "Warning:") + " " + printable(text));
  }

  int answer(std::string_view, const Answer& answer) override {
    const std::lock_guard lock(mutex_);
    clear();
    screen_.out << printable(answer.text) << std::flush;
    if (!answer.message.empty()) line(printable(answer.message));
    return answer.exit_code;
  }

  int error(std::string_view, const Error& error) override {
    const std::lock_guard lock(mutex_);
    clear();
    std::string text = describe(error);
    constexpr std::string_view word = "Error:";
    if (text.starts_with(word)) text.replace(0, word.size(), coloured("31", word));
    screen_.err << text << std::flush;
    return info(error.id).exit_code;
  }

 private:
  struct OpenStep {
    std::string name;
    std::string text;
    std::string progress;
    Clock::time_point begin;
  };

  std::string coloured(std::string_view code, std::string_view text) const {
    if (!screen_.coloured) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }
  std::string tick() const { return coloured("32", screen_.unicode ? "✓" : "ok"); }
  std::string cross() const { return coloured("31", screen_.unicode ? "✗" : "failed"); }

  void clear() {
    if (!drawn_) return;
    screen_.err << "\r\x1b[K";
    drawn_ = false;
  }

  void line(const std::string& text) {
    clear();
    screen_.err << text << "\n" << std::flush;
  }

  void draw(std::size_t frame) {
    static constexpr std::array<std::string_view, 4> plain = {"|", "/", "-", "\\"};
    static constexpr std::array<std::string_view, 8> braille = {"⠋", "⠙", "⠸", "⠴", "⠦", "⠧", "⠇", "⠏"};
    const OpenStep& step = open_.back();
    std::string text = step.progress.empty() ? step.text : step.text + ": " + step.progress;
    if (open_.size() > 1) text += " (and " + std::to_string(open_.size() - 1) + " more)";
    clear();
    screen_.err << coloured("36", screen_.unicode ? braille[frame % braille.size()] : plain[frame % plain.size()])
                << " " << cut(text, static_cast<std::size_t>(std::max(10, columns_of(2) - 3))) << std::flush;
    drawn_ = true;
  }

  void spin(const std::stop_token& stop) {
    constexpr auto frame_time = std::chrono::milliseconds(100);
    std::unique_lock lock(mutex_);
    for (std::size_t frame = 0; changed_.wait(lock, stop, [&] { return !open_.empty(); }); ++frame) {
      if (stop.stop_requested()) break;
      draw(frame);
      changed_.wait_for(lock, stop, frame_time, [] { return false; });
    }
    clear();
  }

  Screen screen_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<OpenStep> open_;
  bool drawn_ = false;
  std::jthread spinner_;  // last member: it ends before the others go
};

}  // namespace

std::unique_ptr<Terminal> text_terminal(const Screen& screen) { return std::make_unique<TextTerminal>(screen); }

}  // namespace skiff::cli
