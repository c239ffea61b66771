// Container images in the nodes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cluster/services.h"

namespace skiff::cluster {

// On images of addons in nodes: the hash of the recipe.
inline constexpr std::string_view content_label = "dev.skiff.content";

// Copies the user's local image (by its name in Docker) or an archive file (docker save or OCI, by its path) into every
// node in parallel. image_not_found when it is neither.
Result<void> load_image(const Context& ctx, const Services& services, const std::string& profile,
                        const std::string& image_or_file);
// Copies an image archive into one node, with further arguments for `ctr images import`.
Result<void> import_archive(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                            const std::string& archive, const std::vector<std::string>& arguments = {});
// Names of the images that the cluster's nodes have.
Result<std::vector<std::string>> list_images(const Context& ctx, const Services& services, const std::string& profile);

// Gives nodes that have just come what `from` has and they lack, so that a pod whose image was loaded runs there too.
// Images of addons are left to provide_images().
// node_command_failed, disk_full.
Result<void> share_images(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& from,
                          const std::vector<drivers::NodeId>& nodes);

}  // namespace skiff::cluster
