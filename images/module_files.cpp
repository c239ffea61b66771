// SPDX-License-Identifier: Apache-2.0
#include "images/module_files.h"

#include <filesystem>

#include "base/json.h"
#include "images/parts.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/process.h"

namespace skiff::images {
namespace {

std::string kept_in(const ModuleFiles& wanted) {
  const std::string all = wanted.module + '\n' + wanted.version + '\n' + wanted.sum + '\n' + wanted.folder;
  return sys::cache_folder() + "/modules/" + sys::sha256_hex(all).substr(0, 12);
}

// The module's own folder among those that Go has downloaded.
Result<std::string> checked_folder(const Context& ctx, const ModuleFiles& wanted, const std::string& work) {
  const std::string name = wanted.module + '@' + wanted.version;
  auto module = TRY(download_module(ctx, TRY(find_go(ctx)), name, work));
  if (module.sum == wanted.sum) return std::move(module.folder);
  return make_error(ErrorId::image_build_failed, name + " has the sum " + module.sum + " and not " + wanted.sum);
}

}  // namespace

Result<Downloaded> download_module(const Context& ctx, const std::string& go, const std::string& name,
                                   const std::string& folder) {
  const auto output = TRY(sys::run(
      ctx,
      {.argv = {go, "mod", "download", "-json", name},
       .env = {{"GOFLAGS", ""}, {"GOSUMDB", "off"}, {"GOTOOLCHAIN", "local"}, {"GOWORK", "off"}},  // the sums are ours
       .cwd = folder}));
  const auto answer = parse_json(output.out);
  const std::string problem = answer.ok() ? text_at(*answer, "Error") : output.err;
  if (output.exit_code != 0 || !problem.empty()) return explain_failure(name, problem + output.err, "");
  return Downloaded{text_at(*answer, "Dir"), text_at(*answer, "Sum")};
}

Result<std::string> module_files(const Context& ctx, const ModuleFiles& wanted) {
  std::string kept = kept_in(wanted);
  if (sys::exists(kept)) return kept;
  const WorkFolder work = TRY(WorkFolder::make(ctx, "module-files"));
  if (sys::exists(kept)) return kept;

  Step step(*ctx.events, "module", "Downloading " + wanted.module + ' ' + wanted.version);
  const std::string source = TRY(checked_folder(ctx, wanted, work.path())) + '/' + wanted.folder;
  const std::string result = work.path() + "/result";
  TRY(sys::make_folders(result));
  if (!sys::exists(source)) {
    return make_error(ErrorId::image_build_failed, wanted.module + " has no folder " + wanted.folder);
  }
  for (const auto& name : sys::list_folder(source)) {
    const std::string path = source + '/' + name;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) continue;
    TRY(sys::write_atomic(result + '/' + name, TRY(sys::read_file(path)), 0644));
  }
  TRY(publish(result, kept));
  step.done();
  return kept;
}

}  // namespace skiff::images
