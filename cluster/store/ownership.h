// SPDX-License-Identifier: Apache-2.0
// Whose a cluster is. A name can be taken by two users of one provider, or by one user with two homes; the random id
// that the profile keeps, and that everything made for it carries, tells them apart (docs/adr/0040).
#pragma once

#include <string>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

// A new cluster of this home and user.
ClusterSpec with_new_identity(const Home& home, ClusterSpec spec);

// The cluster's nodes. name_conflict, with whose it is, when nodes of that name are another cluster's.
Result<std::vector<drivers::ObservedNode>> own_nodes(const Context& ctx, drivers::Driver& driver,
                                                     const ClusterSpec& spec);

struct Adoption {
  std::string profile;
  std::string driver;      // empty: look in every one that answers
  std::string driver_uri;  // with `driver` alone
  bool force = false;      // also when a profile of this home knows another cluster of that name
};
struct Adopted {
  ClusterSpec spec;
  std::string former_owner;  // for people; empty when its nodes do not tell
};
// Makes the profile of a cluster that another home made, or whose home is lost, from what its control plane's node
// holds: that node is started for it when it is stopped. The cluster itself stays as it is; the other home's profile,
// if there is one, goes on working too. profile_not_found when no driver has such a cluster, profile_conflict when this
// home has that profile already, name_conflict when two drivers have one.
Result<Adopted> adopt(const Context& ctx, const Home& home, const Adoption& adoption);

}  // namespace skiff::cluster
