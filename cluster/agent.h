// The profile's background process, which holds the forwards of its services and the tunnel that was detached: started
// when it is first needed, ended with the last of them, on stop and on delete. Its files lie in <profile>/state/ (see
// net/agent.h), and so do the forwards it holds (forwards.json): after a crash the next request has them back on the
// same ports.
#pragma once

#include <string>
#include <vector>

#include "cluster/service_forwards.h"
#include "cluster/tunnel.h"

namespace skiff::cluster {

// Has the agent hold these; see ServiceForwards::add().
Result<std::vector<PortForward>> hold_forwards(const Context& ctx, const Services& services, const std::string& profile,
                                               const std::vector<PortForward>& wanted);
// What the agent holds; nothing when there is none. Starts nothing.
Result<std::vector<PortForward>> held_forwards(const Context& ctx, const Services& services,
                                               const std::string& profile);
// Ends those of these services, or all when none is named; what has ended.
Result<std::vector<PortForward>> release_forwards(const Context& ctx, const Services& services,
                                                  const std::string& profile, const std::vector<ServiceKey>& of);

// Has the agent run the tunnel: run_tunnel() in the background. Blocks until it serves. No password can be asked for
// there: what needs root needs a sudo that does not ask.
Result<void> detach_tunnel(const Context& ctx, const Services& services, const TunnelRequest& request);
// Blocks until the profile's tunnel, wherever it runs, has ended and cleaned up; whether there was one.
Result<bool> end_tunnel(const Context& ctx, const Services& services, const std::string& profile);

// Blocks until the profile has no agent and no forwards any more. None = success.
Result<void> end_agent(const Context& ctx, const Services& services, const std::string& profile);

// The agent itself (`skiff __agent`), with the socket that its starter made as its standard input. Blocks until it is
// to end, which is also so when the profile's folder has gone.
Result<void> run_agent(const Context& ctx, const Services& services, const std::string& profile);

}  // namespace skiff::cluster
