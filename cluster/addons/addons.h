// SPDX-License-Identifier: Apache-2.0
// Addons of a cluster: enable, disable, configure, list. What the user asked for lies in the profile; a cluster that
// runs is changed at once, one that is stopped when it starts again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "addons/catalogue.h"
#include "addons/settings.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

// The embedded addons and the user's own, from <skiff_home>/addons/.
Result<addons::Catalogue> load_catalogue(const Home& home);

struct AddonRequest {
  std::string profile;
  std::vector<std::string> names;                 // or aliases
  addons::Settings values;                        // to set; like `images` and `registries` for a single addon only
  std::vector<std::string> unset;                 // values that become their defaults again
  std::map<std::string, std::string> images;      // other references, by image name
  std::map<std::string, std::string> registries;  // other hosts, by image name
  Duration wait_timeout = std::chrono::minutes(2);
};

struct AddonChange {
  std::string name;
  std::vector<addons::Image> images;
  std::string notes;
  bool applied = false;  // false: stored only, since the cluster does not run
};

// Enables addons, and before them those that they require: images into the nodes that need them, objects applied, then
// verified. Enabling what is enabled applies and verifies it again. An addon that does not come to work is taken back,
// with the error addon_failed and its pods' last words; those before it stay. addon_conflict when it is in the way of
// an enabled addon or an object of its name is somebody else's.
Result<std::vector<AddonChange>> enable_addons(const Context& ctx, const Home& home, const AddonRequest& request);

// Removes every object of the addons and waits for their absence; their values stay in the profile. What is not enabled
// is left alone and not in the answer. addon_conflict when an enabled addon requires one.
Result<std::vector<AddonChange>> disable_addons(const Context& ctx, const Home& home, const AddonRequest& request);

// Changes an addon's values; an enabled one is applied and verified again, and keeps its old values when that fails.
Result<AddonChange> configure_addon(const Context& ctx, const Home& home, const AddonRequest& request);

struct ListedAddon {
  addons::Entry entry;
  bool enabled = false;
};
// Reads only files. `profile` need not exist: then those are enabled that a new cluster has.
Result<std::vector<ListedAddon>> list_addons(const Home& home, const std::string& profile);

struct DescribedAddon {
  addons::Addon addon;
  std::vector<addons::Image> images;  // in use
  std::string endpoint;
  addons::Settings values;  // as set by the user
  bool enabled = false;
};
// Gives those of the profile's addons that it did not have before the ports of this host that they want; see
// with_host_port().
Result<void> choose_host_ports(const Home& home, ClusterSpec& spec, const std::vector<std::string>& had);

// One addon as the profile has it, or would have it.
Result<DescribedAddon> describe_addon(const Home& home, const std::string& profile, const std::string& name);

// The canonical names, those of the addons that are on by default before them if wanted, required ones added, each
// after those that it requires; addon_not_found, addon_invalid and addon_conflict as enable_addons() would answer.
enum class Defaults { leave, add };
Result<std::vector<std::string>> check_addons(const Home& home, std::vector<std::string> names, Defaults defaults);

// For start, before its limit begins: makes ready on this host what the profile's addons need (prepare_addon()), but
// for those that the cluster `had` already.
Result<void> prepare_addons(const Context& ctx, const Home& home, const ClusterSpec& spec,
                            const std::vector<std::string>& had);

// For start: applies and verifies the addons of a profile whose cluster runs. The early turn, while DNS still comes up,
// is that of the addons that are on by default; the late one that of all others, and of those that were disabled while
// the cluster was stopped: they are removed. An addon that fails does not keep the others from being applied; the first
// error is returned.
enum class AddonTurn { early, late };
Result<void> apply_addons(const Context& ctx, const Home& home, LiveCluster& cluster, AddonTurn turn);

// Has the agent hold what the enabled addons want on ports of this host. What cannot be held is a warning.
void hold_host_ports(const Context& ctx, const Home& home, LiveCluster& cluster);

}  // namespace skiff::cluster
