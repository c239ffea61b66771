// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fstream>
#include <ostream>

#include "cli/command.h"
#include "cli/record/audit.h"
#include "cli/record/run_log.h"
#include "cli/terminal/terminal.h"
#include "cluster/nodes/node_logs.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

using Sink = std::function<void(std::string_view)>;

std::string folder_of(const Session& session) { return session.home.folder() + "/logs"; }

Result<Answer> own_log(const Session& session) {
  const std::string path = newest_log(folder_of(session));
  if (path.empty()) return make_error(ErrorId::host_error, "There is no log yet in " + folder_of(session));
  return Answer{.text = path + "\n", .data = {{"file", path}}};
}

std::vector<AuditEntry> last_entries(const Session& session, int lines) {
  auto entries = read_audit(folder_of(session));
  const auto surplus = static_cast<std::ptrdiff_t>(entries.size()) - lines;
  if (surplus > 0) entries.erase(entries.begin(), entries.begin() + surplus);
  return entries;
}

Result<Answer> audit(const Session& session, int lines) {
  const auto entries = last_entries(session, lines);
  Answer answer;
  JsonArray items;
  for (const auto& entry : entries) items.push_back(to_json(entry));
  answer.data["audit"] = std::move(items);
  if (entries.empty()) {
    answer.message = "Nothing has been done yet.";
  } else {
    answer.text = audit_table(entries);
  }
  return answer;
}

// Empty when there was none yet.
std::string last_start(const Session& session, const std::string& profile) {
  const std::string path = last_log(folder_of(session), "start", profile);
  return path.empty() ? "" : sys::read_file(path).value_or("");
}

Result<Answer> last_start_only(const Session& session) {
  const std::string profile = TRY(session.profile());
  std::string text = last_start(session, profile);
  if (text.empty()) {
    return make_error(ErrorId::host_error, "No log of a start of '" + profile + "' is kept in " + folder_of(session));
  }
  return Answer{.text = text, .data = {{"log", text}}};
}

Result<cluster::LogOptions> options_of(const Args& args, int lines) {
  cluster::LogOptions options;
  options.node = args.text("node").value_or("");
  options.service = args.text("service").value_or("");
  options.lines = lines;
  options.follow = args.has("follow");
  options.problems = args.has("problems");
  return options;
}

// Of the whole cluster, as it goes into a report: what was done to it, how its last start went, and its services.
Result<void> write_logs(const Session& session, const cluster::LogOptions& options, const Sink& out) {
  const std::string profile = TRY(session.profile());
  const bool whole = options.node.empty() && options.service.empty() && !options.follow && !options.problems;
  if (whole) {
    out("==> Audit <==\n" + audit_table(last_entries(session, options.lines)));
    out("==> Last Start <==\n" + last_start(session, profile));
  }
  return cluster::logs(session.ctx, session.home, profile, options, out);
}

Result<Answer> services(const Session& session, const cluster::LogOptions& options) {
  std::string text;
  if (options.follow) {  // it comes to no good end: somebody stops it
    if (session.json) {
      return make_error(ErrorId::usage, "--follow writes lines as they come, not JSON", "Leave -o json or it out");
    }
    const auto ended =
        write_logs(session, options, [&](std::string_view piece) { session.out << printable(piece) << std::flush; });
    if (ended.error().id == ErrorId::interrupted) return Answer{.exit_code = info(ErrorId::interrupted).exit_code};
    return ended.error();
  }
  TRY(write_logs(session, options, [&](std::string_view piece) { text += piece; }));
  Answer answer{.text = text, .data = {{"log", text}}};
  if (options.problems && text.empty()) answer.message = "No line looks like a problem.";
  return answer;
}

Result<Answer> into_file(const Session& session, const cluster::LogOptions& options, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  const auto written = file ? write_logs(session, options, [&](std::string_view piece) { file << piece << std::flush; })
                            : Result<void>();
  if (!file) return make_error(ErrorId::host_error, "Cannot write " + path);
  TRY(written);
  return Answer{.message = "The logs are in " + path + ".", .data = {{"file", path}}};
}

Result<Answer> run(Session& session, const Args& args) {
  constexpr std::array<std::string_view, 3> others = {"own", "audit", "last-start-only"};
  if (std::ranges::count_if(others, [&](std::string_view flag) { return args.has(flag); }) > 1) {
    return make_error(ErrorId::usage, "Only one of --own, --audit and --last-start-only can be shown at a time");
  }
  const auto length = TRY(args.integer("length"));
  const int lines = length.value_or(TRY(args.integer("lines")).value_or(cluster::LogOptions().lines));
  if (lines < 1) return make_error(ErrorId::usage, "--length must be at least 1");
  if (args.has("own")) return own_log(session);
  if (args.has("audit")) return audit(session, lines);
  if (args.has("last-start-only")) return last_start_only(session);
  const auto options = TRY(options_of(args, lines));
  const auto file = args.text("file");
  return file ? into_file(session, options, *file) : services(session, options);
}

}  // namespace

Command logs_command() {
  return {
      .name = "logs",
      .group = Group::nodes,
      .summary = "Show what the services of a node have written, and what was done to clusters",
      .help =
          "Without flags: the audit log, the log of the last start, and the last lines of every service of the "
          "control\n"
          "plane.\n\n"
          "Examples\n"
          "  skiff logs --node w1 --service kubelet -n 200\n"
          "  skiff logs -f --service kube-apiserver    until Ctrl-C\n"
          "  skiff logs --problems\n"
          "  skiff logs --file report.txt\n"
          "  skiff logs --audit                        what was done, by whom and when\n"
          "  skiff logs --own                          where skiff's own log of the last command is",
      .flags = {{"length", 'n', "N", "the last N lines of each (default 60)"},
                {"lines", 0, "N", "the same"},
                {"follow", 'f', "", "go on with what is written from now on, until Ctrl-C"},
                {"node", 0, "NODE", "which node (default: the control plane)"},
                {"service", 0, "NAME", "only this service, such as kubelet"},
                {"problems", 0, "", "only lines that look like the cause of a trouble"},
                {"file", 0, "PATH", "write them to this file"},
                {"audit", 0, "", "what commands have done to clusters and settings"},
                {"last-start-only", 0, "", "skiff's own log of the last start of the cluster"},
                {"own", 0, "", "the path of skiff's own log of the last command"}},
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
