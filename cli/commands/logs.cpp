#include <filesystem>

#include "cli/command.h"
#include "cluster/nodes/node_access.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

// skiff's own log of the command that ran last.
Result<std::string> newest_log(const std::string& home) {
  const std::string folder = home + "/logs/";
  std::string newest;
  std::filesystem::file_time_type newest_time = std::filesystem::file_time_type::min();
  for (const auto& name : sys::list_folder(folder)) {
    const std::string path = std::string(folder).append(name);
    std::error_code error;
    const auto time = std::filesystem::last_write_time(path, error);
    if (error || time <= newest_time) continue;
    newest = path;
    newest_time = time;
  }
  if (newest.empty()) return make_error(ErrorId::host_error, "There is no log yet in " + folder);
  return newest;
}

Result<Answer> run(Session& session, const Args& args) {
  if (args.has("file")) {
    const std::string path = TRY(newest_log(session.home.folder()));
    return Answer{.text = path + "\n", .data = {{"file", path}}};
  }
  cluster::LogOptions options;
  options.node = args.text("node").value_or("");
  options.service = args.text("service").value_or("");
  options.lines = TRY(args.integer("lines")).value_or(options.lines);
  if (options.lines < 1) return make_error(ErrorId::usage, "--lines must be at least 1");
  const std::string text = TRY(cluster::logs(session.ctx, session.home, TRY(session.profile()), options));
  return Answer{.text = text, .data = {{"log", text}}};
}

}  // namespace

Command logs_command() {
  return {
      .name = "logs",
      .group = Group::nodes,
      .summary = "Show what the services of a node have written",
      .help =
          "Examples\n"
          "  skiff logs -n w1 --service kubelet --lines 200\n"
          "  skiff logs --file        where skiff's own log of the last command is",
      .flags = {{"node", 'n', "NODE", "which node (default: the control plane)"},
                {"service", 0, "NAME", "only this service, such as kubelet"},
                {"lines", 0, "N", "the last N lines of each (default 60)"},
                {"file", 0, "", "print the path of skiff's own log instead"}},
      .logged = false,
      .run = run,
  };
}

}  // namespace skiff::cli
