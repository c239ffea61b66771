// SPDX-License-Identifier: Apache-2.0
#include "cli/record/audit.h"

#include <algorithm>
#include <ctime>

#include "base/strings.h"
#include "base/utc.h"
#include "cli/text/columns.h"
#include "model/versions.h"
#include "sys/append_file.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::cli {
namespace {

std::string audit_file(const std::string& folder) { return folder + "/audit.json"; }
std::string older_file(const std::string& folder) { return folder + "/audit.old.json"; }

// "-p lab node add --wait-timeout 5m" without "node" and "add".
std::string without_name(std::vector<std::string> words, std::string_view command) {
  for (const auto& part : split(command, ' ')) {
    const auto found = std::ranges::find(words, part);
    if (found != words.end()) words.erase(found);
  }
  return join(words, " ");
}

AuditEntry read_entry(const Json& line) {
  return {text_at(line, "command"), text_at(line, "args"),
          text_at(line, "profile"), text_at(line, "user"),
          text_at(line, "version"), text_at(line, "start"),
          text_at(line, "end"),     static_cast<int>(int_at(line, "exit_code"))};
}

}  // namespace

bool is_audited(const Command& command, const std::vector<std::string>& words) {
  if (command.internal() || !command.changes) return false;
  return command.name != "profile" || !words.empty();
}

AuditRecord::AuditRecord(const Session& session, const Command& command, const std::vector<std::string>& words)
    : folder_(session.home.folder() + "/logs"),
      entry_{std::string(command.name),
             without_name(words, command.name),
             session.profile().value_or(""),
             sys::user_name(),
             std::string(versions::skiff),
             utc_text(std::time(nullptr)),
             "",
             0} {}

void AuditRecord::end(const Context& ctx, int exit_code) {
  if (!sys::exists(folder_)) return;  // nothing was ever done here, or all of it was removed
  entry_.end = utc_text(std::time(nullptr));
  entry_.exit_code = exit_code;
  const Context soon{{}, Deadline::in(std::chrono::seconds(2)), ctx.events};  // Ctrl-C is recorded too
  if (const auto written = append_audit(soon, folder_, entry_); !written.ok()) sys::log::warn(written.error().what);
}

Json to_json(const AuditEntry& entry) {
  return JsonObject{{"command", entry.command}, {"args", entry.args},          {"profile", entry.profile},
                    {"user", entry.user},       {"version", entry.version},    {"start", entry.start},
                    {"end", entry.end},         {"exit_code", entry.exit_code}};
}

Result<void> append_audit(const Context& ctx, const std::string& folder, const AuditEntry& entry,
                          long long most_bytes) {
  const auto lock = TRY(sys::Lock::acquire(ctx, folder + "/audit.lock", {}));
  const long long size = TRY(sys::append_line(audit_file(folder), to_text(to_json(entry))));
  return size > most_bytes ? sys::move_file(audit_file(folder), older_file(folder)) : Result<void>();
}

std::vector<AuditEntry> read_audit(const std::string& folder) {
  std::vector<AuditEntry> entries;
  for (const auto& file : {older_file(folder), audit_file(folder)}) {
    for (const auto& line : split(sys::read_file(file).value_or(""), '\n')) {
      const auto parsed = parse_json(line);
      if (parsed.ok() && parsed->is_object()) entries.push_back(read_entry(*parsed));
    }
  }
  return entries;
}

std::string audit_table(std::span<const AuditEntry> entries) {
  std::vector<std::vector<std::string>> rows = {
      {"COMMAND", "ARGS", "PROFILE", "USER", "VERSION", "START", "END", "EXIT"}};
  for (const auto& entry : entries) {
    rows.push_back({entry.command, entry.args, entry.profile, entry.user, entry.version, entry.start, entry.end,
                    std::to_string(entry.exit_code)});
  }
  return to_columns(rows);
}

}  // namespace skiff::cli
