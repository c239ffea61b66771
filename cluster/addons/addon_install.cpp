// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addon_install.h"

#include "cluster/addons/addon_images.h"
#include "cluster/addons/addon_objects.h"
#include "cluster/addons/addon_verify.h"
#include "cluster/undo.h"
#include "images/module_files.h"
#include "sys/files.h"

namespace skiff::cluster {
namespace {

// What render() gives, with the definitions that the addon takes from a Go module. Downloads that at the first time.
Result<addons::Rendered> render_all(const Context& ctx, const addons::Addon& addon, const addons::Settings& settings,
                                    const ClusterSpec& spec) {
  auto rendered = TRY(addons::render(addon, settings, addon_facts(spec)));
  if (!addon.definitions) return rendered;
  const auto& [module, version, sum, folder] = *addon.definitions;
  const std::string kept = TRY(images::module_files(ctx, {module, version, sum, folder}));
  std::vector<addons::File> files;
  for (const auto& name : sys::list_folder(kept)) {
    const std::string path = kept + '/' + name;
    files.push_back({path, TRY(sys::read_file(path))});
  }
  TRY(addons::add_definitions(addon, files, rendered));
  return rendered;
}

// Puts the objects of the old settings back, or takes all of them away when there are none.
Result<void> restore(const Context& ctx, LiveCluster& cluster, const addons::Addon& addon,
                     const std::optional<addons::Settings>& before) {
  ctx.events->note("Taking the addon '" + addon.name + "' back");
  if (!before) return keep_only(ctx, cluster.client, addon.name, {});
  const auto rendered = TRY(render_all(ctx, addon, *before, cluster.spec));
  TRY(apply_objects(ctx, cluster.client, addon.name, rendered.objects, Edits::override));
  return keep_only(ctx, cluster.client, addon.name, rendered.objects);
}

}  // namespace

addons::Facts addon_facts(const ClusterSpec& spec) {
  const std::string node = control_plane_of(spec);
  return {spec.profile, node, to_string(address_of(spec, node).value_or(Ipv4()))};
}

Result<void> prepare_addon(const Context& ctx, const addons::Addon& addon, const addons::Settings& settings,
                           const ClusterSpec& spec) {
  return build_images(ctx, spec, TRY(render_all(ctx, addon, settings, spec)));
}

Result<addons::Rendered> install_addon(const Context& ctx, LiveCluster& cluster, const addons::Addon& addon,
                                       const Installation& wanted) {
  auto rendered = TRY(render_all(ctx, addon, wanted.settings, cluster.spec));
  TRY(provide_images(ctx, cluster, rendered));

  const Context limited = ctx.within(wanted.wait_timeout);
  TRY(check_owners(limited, cluster.client, addon.name, rendered.objects));
  Undo undo(*ctx.events);
  if (wanted.before != wanted.settings) {
    undo.add([&](const Context& c) { return restore(c, cluster, addon, wanted.before); });
  }
  Step step(*ctx.events, "addon-apply", "Applying the objects of the addon '" + addon.name + "'");
  TRY(apply_objects(limited, cluster.client, addon.name, rendered.objects, wanted.edits));
  step.done();
  TRY(verify_addon(limited, cluster, addon.name, rendered));
  TRY(keep_only(limited, cluster.client, addon.name, rendered.objects));
  undo.dismiss();
  return rendered;
}

}  // namespace skiff::cluster
