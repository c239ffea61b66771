// SPDX-License-Identifier: Apache-2.0
// The audit log: what was done to clusters and settings of this home, by whom and when, in
// <skiff_home>/logs/audit.json, one JSON object per line. Of bounded size: beside it lies one older file at most.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "cli/command.h"

namespace skiff::cli {

struct AuditEntry {
  std::string command;  // "node add"
  std::string args;     // the words of the line without the command's own
  std::string profile;
  std::string user;
  std::string version;  // of skiff
  std::string start;    // "2026-11-29T08:15:00Z"
  std::string end;
  int exit_code = 0;
};

// Command::changes, but for `profile` without a name, which shows which one it is. What runs inside a cluster (ssh,
// kubectl) counts as looking: its words may hold secrets.
bool is_audited(const Command& command, const std::vector<std::string>& words);

// One run of a command. end() appends it, where the folder of logs is there; a record that cannot be written is no
// reason to fail, and goes to the developers' log.
class AuditRecord {
 public:
  AuditRecord(const Session& session, const Command& command, const std::vector<std::string>& words);
  void end(const Context& ctx, int exit_code);

 private:
  std::string folder_;
  AuditEntry entry_;
};

// Appends one line at once, under a lock; the file that has grown beyond `most_bytes` becomes the older one.
Result<void> append_audit(const Context& ctx, const std::string& folder, const AuditEntry& entry,
                          long long most_bytes = 1 << 20);
// The oldest first. Lines that are damaged are left out.
std::vector<AuditEntry> read_audit(const std::string& folder);

std::string audit_table(std::span<const AuditEntry> entries);
Json to_json(const AuditEntry& entry);

}  // namespace skiff::cli
