#include "images/parts.h"

#include <filesystem>
#include <fstream>

#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/process.h"

namespace skiff::images {
namespace {

std::string work_root() { return sys::cache_folder() + "/work"; }

Result<void> write_sources(const GoBuild& build, const std::string& folder) {
  for (const auto& file : files_below(build.module)) {
    const std::string path = folder + '/' + std::string(file.path);
    TRY(sys::make_folders(std::filesystem::path(path).parent_path()));
    TRY(sys::write_atomic(path, file.content, file.executable ? 0755 : 0644));
  }
  return {};
}

// The command that builds a part into the work folder's "result".
Result<sys::Command> prepare(const Tools& tools, const GoBuild& build, const std::string& work) {
  const std::string source = work + "/source";
  TRY(write_sources(build, source));
  sys::Command command{.argv = build_arguments(build, work + "/result/"),
                       .env = {{"CGO_ENABLED", "0"}, {"GOFLAGS", ""}, {"GOTOOLCHAIN", "local"}, {"GOWORK", "off"}},
                       .cwd = source};
  command.argv.insert(command.argv.begin(), tools.go);
  return command;
}

Result<sys::Command> prepare(const Tools& tools, const DebianBuild& build, const std::string& work) {
  sys::Command command{.argv = build_arguments(build, work + "/result/rootfs.tar")};
  command.argv.insert(command.argv.begin(), tools.mmdebstrap);
  return command;
}

}  // namespace

std::string part_folder(const Part& part) {
  return sys::cache_folder() + "/parts/" + part.name + '-' + content_hash(part);
}

bool is_built(const Part& part) { return sys::exists(part_folder(part)); }

Result<void> build_part(const Context& ctx, const Tools& tools, const Part& part) {
  Step step(*ctx.events, part.name, "Building " + part.summary);
  const std::string work = TRY(make_work_folder(part.name));
  TRY(sys::make_folders(work + "/result"));
  sys::Command command = TRY(std::visit([&](const auto& build) { return prepare(tools, build, work); }, part.build));

  const std::string logs = sys::cache_folder() + "/logs";
  const std::string log_path = logs + "/" + part.name + ".log";
  TRY(sys::make_folders(logs));
  std::ofstream log(log_path, std::ios::trunc);
  command.on_line = [&](std::string_view line) {
    log << line << '\n' << std::flush;
    ctx.events->progress(part.name, "Building " + part.summary + ": " + std::string(line));
  };
  const auto output = TRY(sys::run(ctx, command));
  if (output.exit_code != 0) return explain_failure(part, output.err, log_path);

  const std::string finished = part_folder(part);
  TRY(sys::make_folders(std::filesystem::path(finished).parent_path()));
  std::error_code error;
  std::filesystem::rename(work + "/result", finished, error);
  if (error) return make_error(ErrorId::host_error, "Cannot make " + finished + ": " + error.message());
  TRY(sys::remove_tree(work));
  step.done();
  return {};
}

Result<std::string> make_work_folder(std::string_view name) {
  std::string folder = work_root() + '/' + std::string(name) + '-' + sys::random_hex(4);
  TRY(sys::make_folders(folder));
  return folder;
}

Result<void> remove_work_folders() { return sys::remove_tree(work_root()); }

}  // namespace skiff::images
