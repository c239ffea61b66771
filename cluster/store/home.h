// SPDX-License-Identifier: Apache-2.0
// What every verb is given: where profiles lie and how drivers are made. Tests hand in a temporary folder and a fake
// driver.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "cluster/cluster.h"
#include "cluster/store/profile_store.h"

namespace skiff::cluster {

struct Home {
  const std::string& folder() const { return store.home(); }

  ProfileStore store;
  // By a driver's name and where its provider is (DriverInfo::make).
  std::function<Result<std::unique_ptr<drivers::Driver>>(std::string_view name, const std::string& uri)> make_driver;
  std::vector<std::string> driver_names = {};  // that make_driver knows, the preferred one first
};

// The user's own: $SKIFF_HOME and the drivers of this build.
Home user_home();

// Where the user's own addons lie, one folder each.
inline std::string addon_folder(const Home& home) { return home.folder() + "/addons"; }

// A profile that exists, with its driver.
Result<Cluster> open_profile(const Home& home, const std::string& profile);

// What to say where Kubernetes is needed and the cluster has none: unsupported.
Error no_kubernetes(const ClusterSpec& spec);
// Admin access to the profile's API, whether it runs or not, by the nodes that its driver sees. cluster_not_running
// when the control plane is not among them, kube_unreachable when there is no way to it from this host.
Result<kube::Access> api_access(const Home& home, const ClusterSpec& spec,
                                const std::vector<drivers::ObservedNode>& nodes);
// The same, with the nodes asked of the driver.
Result<kube::Access> api_access(const Context& ctx, const Home& home, const Cluster& cluster);
// Whether the user's kubeconfig leads to this very cluster under its name: the way of api_access(), or, where each of
// several control planes is published by itself, that of any which runs. Reads files alone.
bool kubeconfig_leads_to(const Home& home, const ClusterSpec& spec, const std::vector<drivers::ObservedNode>& nodes);
// The cluster with its API, which is not asked anything yet. Errors: those of api_access().
Result<LiveCluster> connect(const Context& ctx, const Home& home, Cluster cluster);

}  // namespace skiff::cluster
