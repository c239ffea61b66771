// SPDX-License-Identifier: Apache-2.0
#include "cluster/own_image.h"

#include <set>

#include "images/build.h"
#include "images/machine_image.h"
#include "images/node_image.h"
#include "kube/node/node_tree.h"
#include "kube/objects.h"
#include "model/architecture.h"
#include "sys/files.h"

namespace skiff::cluster {

std::string own_image_reference(const drivers::DriverTraits& traits, std::string_view kubernetes) {
  return traits.own_kernel ? images::machine_image_reference(kubernetes) : images::node_image_reference(kubernetes);
}

Result<void> check_architecture(const drivers::DriverTraits& traits) {
  const std::string ours(node_architecture);
  if (traits.architecture.empty() || traits.architecture == ours) return {};
  return make_error(ErrorId::unsupported,
                    "The nodes' host has processors of another kind (" + traits.architecture +
                        ") than this skiff and its node image are for (" + ours + ")",
                    "Use a skiff built for " + traits.architecture + ", or an engine on a host with " + ours);
}

bool is_own_image(const std::string& reference) {
  const auto kubernetes = version_of_image(reference);  // a reference takes a hash over all that an image is made of
  return kubernetes && (reference == images::node_image_reference(*kubernetes) ||
                        reference == images::machine_image_reference(*kubernetes));
}

std::optional<std::string> version_of_image(std::string_view reference) {
  for (const std::string_view name : {"skiff-node:", "skiff-machine:"}) {
    const auto hash = reference.rfind('-');
    if (reference.starts_with(name) && hash > name.size()) {
      return std::string(reference.substr(name.size(), hash - name.size()));
    }
  }
  return {};
}

Result<OwnImage> build_own_image(const Context& ctx, const drivers::DriverTraits& traits, std::string_view kubernetes) {
  TRY(check_architecture(traits));
  if (!traits.own_kernel) {
    const auto built = TRY(images::build_node_image(ctx, kubernetes));
    return OwnImage{
        {.reference = built.reference, .rootfs_tar = built.rootfs_tar, .tree_format = kube::node_tree_format},
        built.was_cached};
  }
  const auto built = TRY(images::build_machine_image(ctx, kubernetes));
  return OwnImage{{.reference = built.reference,
                   .rootfs_tar = {},
                   .kernel = built.files.kernel,
                   .initrd = built.files.initrd,
                   .disk = built.files.disk,
                   .tree_format = kube::node_tree_format},
                  built.was_cached};
}

Result<PrunedNodeImages> prune_node_images(const Context& ctx, const Home& home, drivers::Driver& driver,
                                           bool dry_run) {
  std::set<std::string> used;
  for (const auto& node : TRY(driver.all_nodes(ctx))) used.insert({node.image, node.disk_image});
  for (const auto& name : home.store.names()) {
    // A profile that cannot be read may have any of them.
    if (const auto spec = TRY(home.store.find(name))) used.insert(spec->node_image);
  }
  PrunedNodeImages pruned;
  for (const auto& image : TRY(driver.images(ctx))) {
    if (used.contains(image.reference) || is_own_image(image.reference) || !version_of_image(image.reference)) continue;
    pruned.images.push_back(image.reference);
  }
  pruned.folders = TRY(images::unused_products());
  if (dry_run) return pruned;
  for (const auto& image : pruned.images) TRY(driver.remove_image(ctx, image));
  for (const auto& folder : pruned.folders) TRY(sys::remove_tree(folder));
  return pruned;
}

}  // namespace skiff::cluster
