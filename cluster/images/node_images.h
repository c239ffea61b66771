// SPDX-License-Identifier: Apache-2.0
// Container images in the nodes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/nodes/plan.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// On images of addons in nodes: the hash of the recipe.
inline constexpr std::string_view content_label = "dev.skiff.content";

// "linux/amd64": what the nodes' images are for.
std::string own_platform();

struct LoadOptions {
  std::optional<std::string> name = {};      // for the only image
  std::optional<std::string> platform = {};  // of an image for several; own_platform() else
};
// Brings images of this user (find_image()) into every node: all of them or none. Each is read once, and each node gets
// what it lacks, at the same time. The names under which pods may use them now, short as people write them. What an
// archive holds beside them is a warning. Errors: those of find_image() and pass_source(), node_command_failed.
Result<std::vector<std::string>> load_images(const Context& ctx, const Home& home, const std::string& profile,
                                             const std::vector<std::string>& words, const LoadOptions& options = {});
// Copies an image archive into one node as it is, with further arguments for `ctr images import`.
Result<void> import_archive(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                            const std::string& archive, const std::vector<std::string>& arguments = {});

// A command in these nodes at once, which is to `what` ("remove x"); node_command_failed says so where it does not.
Result<void> run_in(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                    const std::vector<std::string>& argv, const std::string& what);

// The nodes that have an image; image_not_found, with the nearest name, when none has.
struct Holders {
  Cluster opened;
  std::string name;  // in full
  std::vector<drivers::NodeId> nodes;
};
Result<Holders> holders_of(const Context& ctx, const Home& home, const std::string& profile, const std::string& name);

// The verbs on images that nodes have; names are short or full. All of them need every node to run.
// Takes the name from every node that has it, and the image with its last name. image_not_found, with the nearest name,
// when no node has it; node_command_failed when a container uses it.
Result<void> remove_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name);
// Gives the image a second name on every node that has it; what had that name before loses it.
Result<void> tag_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name,
                       const std::string& other);
// Every node pulls it from its registry, with the profile's login for it. With what the first node that failed has
// said: node_command_failed, or what stands in the way: proxy_refused, certificate_untrusted, registry_denied.
Result<void> pull_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name);
// A node that has it pushes it to its registry, over what that node sees of the network and without a password.
// node_command_failed with what it said.
Result<void> push_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name);
// Writes the image of a node that has it to a tar archive that `image load` and Docker read; an existing file is
// replaced when all has come.
Result<void> save_image(const Context& ctx, const Home& home, const std::string& profile, const std::string& name,
                        const std::string& file);
// Brings the image of a node that has it into the user's Docker. Also the errors of drivers::docker::load_archive().
Result<void> save_image_into_docker(const Context& ctx, const Home& home, const std::string& profile,
                                    const std::string& name);

// Gives nodes that the plan creates the images of one that was there before, so that pods whose images were loaded run
// on them too; images of addons are left to provide_images(). What cannot be copied is a warning.
Result<void> share_images_with_new(const Context& ctx, const Cluster& cluster, const std::vector<PlannedNode>& plan);

}  // namespace skiff::cluster
