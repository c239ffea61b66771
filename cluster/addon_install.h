// One addon into a cluster that runs.
#pragma once

#include <optional>
#include <string>

#include "addons/render.h"
#include "cluster/services.h"
#include "kube/client.h"

namespace skiff::cluster {

struct LiveCluster {
  drivers::Driver& driver;
  const ClusterSpec& spec;
  kube::Client& client;
  Duration wait_timeout;  // for the objects to work; the making of images is not counted
};

// Images, objects, verification. `before` are the settings that the addon has in the cluster; when that fails they are
// restored, and without any the addon is removed again.
Result<void> install_addon(const Context& ctx, LiveCluster& cluster, const addons::Addon& addon,
                           const addons::Settings& settings, const std::optional<addons::Settings>& before);

addons::Facts addon_facts(const ClusterSpec& spec);

}  // namespace skiff::cluster
