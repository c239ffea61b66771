// SPDX-License-Identifier: Apache-2.0
#include "sys/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <vector>

namespace skiff::sys::log {
namespace {

// The one process-wide object of skiff: a log is of no use when only some code can reach it.
std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance;
  return instance;
}

std::string& file_name() {
  static std::string name;
  return name;
}

void write(spdlog::level::level_enum level, std::string_view text) {
  if (const auto& log = logger()) log->log(level, spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace

void open(const std::string& file, bool to_stderr) {
  std::vector<spdlog::sink_ptr> sinks;
  file_name().clear();
  try {
    if (!file.empty()) {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
      file_name() = file;
    }
  } catch (const spdlog::spdlog_ex&) {
    // A log that cannot be written is no reason to refuse the user's work.
  }
  if (to_stderr) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto log = std::make_shared<spdlog::logger>("skiff", sinks.begin(), sinks.end());
  log->set_level(spdlog::level::debug);
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ [%t] %v");
  log->flush_on(spdlog::level::debug);
  logger() = std::move(log);
}

std::string file() { return file_name(); }

void debug(std::string_view text) { write(spdlog::level::debug, text); }
void info(std::string_view text) { write(spdlog::level::info, text); }
void warn(std::string_view text) { write(spdlog::level::warn, text); }

}  // namespace skiff::sys::log
