// SPDX-License-Identifier: Apache-2.0
#include "images/machine_image.h"

#include <unistd.h>

#include <fstream>

#include "images/build.h"
#include "images/cpio.h"
#include "images/node_image.h"
#include "images/parts.h"
#include "sys/files.h"
#include "sys/process.h"

namespace skiff::images {
namespace {

MachineFiles files_in(const std::string& folder) {
  return {folder + "/vmlinuz", folder + "/initrd", folder + "/disk.raw"};
}

std::string part_file(const Recipe& recipe, std::string_view part, std::string_view file) {
  for (const auto& each : recipe.parts) {
    if (each.name == part) return part_folder(each) + '/' + std::string(file);
  }
  return {};
}

Result<void> check_tools() {
  if (sys::find_program("mke2fs").empty() && !sys::exists("/sbin/mke2fs")) {
    return make_error(ErrorId::tool_not_found, "mke2fs is not installed", "Run 'sudo apt install e2fsprogs'");
  }
  return {};
}

// Owners of files are kept: a user without root works in a user namespace that has one.
Result<void> run_script(const Context& ctx, const std::string& script, std::vector<std::string> arguments) {
  std::vector<std::string> argv;
  if (::geteuid() != 0) argv = {"unshare", "--map-root-user", "--map-auto"};
  argv.insert(argv.end(), {"sh", script});
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  const auto output = TRY(sys::run(ctx, {.argv = argv}));
  if (output.exit_code == 0) return {};
  const bool full = output.err.find("No space left") != std::string::npos ||
                    output.err.find("Could not allocate block") != std::string::npos;
  Error error =
      make_error(full ? ErrorId::disk_full : ErrorId::image_build_failed, "The machine's disk cannot be made");
  error.trail.push_back(output.err);
  return error;
}

Result<void> write_initrd(const std::string& init, const std::string& modules, const std::string& path) {
  std::string content = cpio_entry("init", TRY(sys::read_file(init)), 0100755) + cpio_entry("modules", "", 040755);
  for (const auto& name : sys::list_folder(modules)) {
    content += cpio_entry("modules/" + name, TRY(sys::read_file(modules + '/' + name)), 0100644);
  }
  content += cpio_end();
  std::ofstream out(path, std::ios::binary);
  out << content;
  out.close();
  if (!out) return make_error(ErrorId::disk_full, "Cannot write " + path);
  return {};
}

Result<MachineFiles> assemble(const Context& ctx, const Recipe& recipe, const std::string& rootfs_tar,
                              const std::string& folder) {
  const std::string script = folder + "/make-disk";
  for (const auto& file : files_below(recipe.name)) {
    if (file.path == "make-disk") TRY(sys::write_atomic(script, file.content, 0755));
  }
  TRY(run_script(ctx, script, {rootfs_tar, part_file(recipe, "kernel", "rootfs.tar"), folder}));
  const std::string modules = folder + "/modules";
  TRY(write_initrd(part_file(recipe, "machine-init", "machine"), modules, files_in(folder).initrd));
  TRY(sys::remove_tree(modules));
  TRY(sys::remove_tree(script));
  return files_in(folder);
}

}  // namespace

std::string machine_image_reference(std::string_view kubernetes) {
  const auto recipe = find_recipe("machine", kubernetes);
  return recipe.ok() ? recipe->reference + '-' + content_hash(*recipe).value() : std::string();
}

Result<MachineImage> build_machine_image(const Context& ctx, std::string_view kubernetes) {
  TRY(check_tools());
  const BuiltImage node = TRY(build_node_image(ctx, kubernetes));
  const Recipe recipe = TRY(find_recipe("machine", kubernetes));
  const Product product = TRY(build_product(ctx, recipe, [&](const std::string& folder) -> Result<void> {
    TRY(assemble(ctx, recipe, node.rootfs_tar, folder));
    return {};
  }));
  return MachineImage{machine_image_reference(kubernetes), files_in(product.folder), product.was_cached};
}

Result<MachineFiles> write_machine(const Context& ctx, const std::string& rootfs_tar, const std::string& folder) {
  TRY(check_tools());
  Recipe recipe = TRY(find_recipe("machine"));
  recipe.images.clear();
  TRY(build_parts(ctx, recipe));
  return assemble(ctx, recipe, rootfs_tar, folder);
}

}  // namespace skiff::images
