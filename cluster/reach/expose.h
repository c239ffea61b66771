// SPDX-License-Identifier: Apache-2.0
// Services of a running cluster on ports of this host: what `skiff service` does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cluster/reach/service_forwards.h"

namespace skiff::cluster {

struct Exposure {
  std::string profile;
  std::string ns = "default";
  std::vector<std::string> names = {};  // empty: every service of the namespace that connections can be passed on to
  std::uint16_t local_port = 0;         // 0 = any; see forwards_of()
  std::optional<Ipv4> address = {};     // of this host; see PortForward
  Duration wait = Duration::zero();     // for a service to exist and to be ready
};

// Held by the profile's agent, until release_forwards(); the forwards with their local ports. Blocks. usage where one
// port is wanted for several services; cluster_not_running, service_not_found, those of find_ready_service() and
// hold_forwards().
Result<std::vector<PortForward>> expose(const Context& ctx, const Home& home, const Exposure& wanted);

// The same, held by this process as long as `forwards` lives.
struct ExposedHere {
  std::unique_ptr<ServiceForwards> forwards;
  std::vector<PortForward> held;
};
Result<ExposedHere> expose_here(const Context& ctx, const Home& home, const Exposure& wanted);

}  // namespace skiff::cluster
