// SPDX-License-Identifier: Apache-2.0
// One addon into a cluster that runs.
#pragma once

#include <optional>
#include <string>

#include "addons/render.h"
#include "cluster/addons/addon_objects.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

struct Installation {
  addons::Settings settings;
  std::optional<addons::Settings> before;  // the settings that the addon has in the cluster
  Duration wait_timeout;                   // for the objects to work; the making of images is not counted
  Edits edits = Edits::override;
};
// Images, objects, verification. When that fails the settings of before are restored, and without any the addon is
// removed again. Hands back what the addon rendered to.
Result<addons::Rendered> install_addon(const Context& ctx, LiveCluster& cluster, const addons::Addon& addon,
                                       const Installation& wanted);

// Makes ready on this host what the addon needs, its images and definitions, so that no limit of a cluster's runs
// meanwhile; takes minutes when an image is built. Nothing of it needs the cluster.
Result<void> prepare_addon(const Context& ctx, const addons::Addon& addon, const addons::Settings& settings,
                           const ClusterSpec& spec);

addons::Facts addon_facts(const ClusterSpec& spec);

}  // namespace skiff::cluster
