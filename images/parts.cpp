// SPDX-License-Identifier: Apache-2.0
#include "images/parts.h"

#include <filesystem>
#include <fstream>

#include "images/fetch.h"
#include "images/module_changes.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/process.h"

namespace skiff::images {
namespace {

std::string work_root() { return sys::cache_folder() + "/work"; }

Result<void> write_sources(const GoBuild& build, const std::string& folder) {
  for (const auto& file : sources_of(build)) {
    const std::string path = folder + '/' + std::string(file.path);
    TRY(sys::make_folders(std::filesystem::path(path).parent_path()));
    TRY(sys::write_atomic(path, file.content, file.executable ? 0755 : 0644));
  }
  return {};
}

// Go trusts the files of the system's folders and one more, which is this one where there are authorities beside them.
Result<void> trust_authorities(sys::Command& command, const std::string& work) {
  std::string pem = TRY(authorities_here());
  if (pem.empty()) return {};
  if (const auto own = sys::env("SSL_CERT_FILE")) pem += TRY(sys::read_file(*own));
  const std::string file = work + "/authorities.pem";
  TRY(sys::write_atomic(file, pem, 0644));
  command.env["SSL_CERT_FILE"] = file;
  return {};
}

// The command that builds a part into the work folder's "result".
Result<sys::Command> prepare(const Context& ctx, const Tools& tools, const GoBuild& build, const std::string& work) {
  const std::string source = work + "/source";
  TRY(write_sources(build, source));
  sys::Command command{.argv = build_arguments(build, work + "/result/"),
                       .env = {{"CGO_ENABLED", build.cgo ? "1" : "0"},
                               {"GOFLAGS", ""},
                               {"GOTMPDIR", work},
                               {"GOTOOLCHAIN", "local"},
                               {"GOWORK", "off"}},
                       .cwd = source};
  command.argv.insert(command.argv.begin(), tools.go);
  TRY(trust_authorities(command, work));
  if (!build.changes.empty()) {
    const std::string file = build.module + '/' + build.changes;
    const auto changes = TRY(parse_changes(TRY(sys::read_file(source + '/' + build.changes)), "images/" + file));
    TRY(change_module(ctx, tools.go, changes, source, work + "/changed"));
  }
  return command;
}

Result<sys::Command> prepare(const Context&, const Tools& tools, const DebianBuild& build, const std::string& work) {
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
  const WorkFolder work = TRY(WorkFolder::make(ctx, "part-" + part.name));
  if (is_built(part)) return {};
  Step step(*ctx.events, part.name, "Building " + part.summary);
  const std::string result = work.path() + "/result";
  TRY(sys::make_folders(result));
  sys::Command command =
      TRY(std::visit([&](const auto& build) { return prepare(ctx, tools, build, work.path()); }, part.build));

  const std::string logs = sys::cache_folder() + "/logs";
  const std::string log_path = logs + "/" + part.name + ".log";
  TRY(sys::make_folders(logs));
  std::ofstream log(log_path, std::ios::trunc);
  command.on_line = [&](std::string_view line) {
    log << line << '\n' << std::flush;
    ctx.events->progress(part.name, "Building " + part.summary + ": " + std::string(line));
  };
  const auto output = TRY(sys::run(ctx, command));
  if (output.exit_code != 0) return explain_failure(part.summary, output.err, log_path);

  TRY(publish(result, part_folder(part)));
  step.done();
  return {};
}

Result<WorkFolder> WorkFolder::make(const Context& ctx, const std::string& name) {
  auto lock = TRY(sys::Lock::acquire(ctx, sys::cache_folder() + "/locks/" + name, [&] {
    ctx.events->note("Another skiff is building " + name.substr(name.find('-') + 1) + "; waiting for it to end");
  }));
  const std::string folder = work_root() + '/' + name;
  (void)sys::remove_tree(folder);
  // A name of its own: a compiler whose skiff was killed may still write into the one before.
  std::string path = folder + '/' + sys::random_hex(4);
  TRY(sys::make_folders(path));
  return WorkFolder(std::move(lock), std::move(path));
}

WorkFolder::~WorkFolder() {
  if (path_.empty()) return;
  (void)sys::remove_tree(std::filesystem::path(path_).parent_path());  // what resists is removed by the next build
}

Result<void> publish(const std::string& folder, const std::string& final_name) {
  TRY(sys::make_folders(std::filesystem::path(final_name).parent_path()));
  std::error_code error;
  std::filesystem::rename(folder, final_name, error);
  if (error) return make_error(ErrorId::host_error, "Cannot make " + final_name + ": " + error.message());
  return {};
}

}  // namespace skiff::images
