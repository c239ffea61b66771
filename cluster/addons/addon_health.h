// SPDX-License-Identifier: Apache-2.0
// Does an addon work, and if not, why? Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace skiff::cluster {

// Whether an object has reached a condition of its addon: "Available" of a workload means that all its pods are of the
// latest form and ready; everything else is looked up in status.conditions.
bool has_reached(const Json& object, std::string_view condition);

// Whether every container of a workload's pods says by itself when it is ready. Others count as ready once they run,
// also those that end a moment later.
bool tells_readiness(const Json& workload);

// What a pod waits for or died of: "ImagePullBackOff: ...", with its name; empty for a pod that is well.
std::string trouble_of(const Json& pod);
// Whether waiting on is pointless: its image cannot be had, a port of its node is taken, or it crashed again and again.
bool is_hopeless(const Json& pod);
// Whether one of its containers could not have one of these images.
bool waits_for_image(const Json& pod, const std::set<std::string>& images);
// How often the containers of all pods were started again; nothing while one of them is in trouble.
std::optional<long long> restarts_when_well(const JsonArray& pods);
// The container whose log tells about the trouble, and whether it is the log of its previous run; empty when none has
// run.
struct Failing {
  std::string container;
  bool previous = false;
};
Failing failing_container(const Json& pod);

struct ProbeTarget {
  std::string host;  // an address, or a service as "name.namespace"
  std::uint16_t port = 80;
  std::string path;
};
Result<ProbeTarget> parse_probe_url(std::string_view url);  // addon_invalid when it is no http:// URL
// The status of an HTTP answer's first line; 0 when that is not there yet.
int status_in(std::string_view answer);

}  // namespace skiff::cluster
