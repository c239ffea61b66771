// SPDX-License-Identifier: Apache-2.0
// The files in which programs look for minikube's clusters: profiles/NAME/config.json below its home.
#pragma once

#include <string>

#include "base/json.h"
#include "cli/minikube/line.h"
#include "cluster/store/home.h"
#include "model/cluster_spec.h"

namespace skiff::cli::minikube {

// $MINIKUBE_HOME, with ".minikube" below it unless it is called that; else ~/.minikube.
std::string home_folder(const Environment& environment);

// $MINIKUBE_HOME, where it is set, is the home of this process and its children, with what is built left in the user's
// own cache; $SKIFF_HOME goes before it.
void take_home();

// A cluster as minikube's config.json describes it, as far as skiff has what it tells.
JsonObject cluster_config(const ClusterSpec& spec);

// Those of all of this home's clusters that can be read, by name.
JsonObject cluster_configs(const cluster::Home& home);

// Writes the file of each of this home's clusters, and removes those that it wrote for clusters that are gone. What
// another program wrote there is never touched. May block on the disk.
Result<void> write_files(const cluster::Home& home, const std::string& folder);

}  // namespace skiff::cli::minikube
