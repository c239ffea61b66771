// SPDX-License-Identifier: Apache-2.0
// The profile's background process, which holds the forwards of its services and the tunnel that was detached: started
// when it is first needed, ended with the last of them, on stop and on delete. Its files lie in <profile>/state/ (see
// net/agent/agent.h), and so does the list of what it holds (held.json): after a crash the next request has all of it
// back on the same ports, after a stop the next start.
#pragma once

#include <string>
#include <vector>

#include "cluster/reach/service_forwards.h"
#include "cluster/reach/tunnel.h"

namespace skiff::cluster {

// Has the agent hold these; see ServiceForwards::add().
Result<std::vector<PortForward>> hold_forwards(const Context& ctx, const Home& home, const std::string& profile,
                                               const std::vector<PortForward>& wanted);
// Starts the agent anew when it is to hold something and has crashed or was parked; what could not be taken up again,
// and why. For a cluster that runs. As in detach_tunnel(), sudo may ask for a password.
Result<std::vector<std::string>> resume_agent(const Context& ctx, const Home& home, const std::string& profile);
// What the agent holds now; nothing when none runs. Starts none: who only looks must not change the host.
Result<std::vector<PortForward>> held_forwards(const Context& ctx, const Home& home, const std::string& profile);
// Whether there is something to be held and no agent that does, after a crash or while the cluster is stopped.
bool awaits_agent(const Home& home, const std::string& profile);
// Ends those that take_out() takes; what has ended.
Result<std::vector<PortForward>> release_forwards(const Context& ctx, const Home& home, const std::string& profile,
                                                  const std::vector<ServiceKey>& of);

// Has the agent run the tunnel: run_tunnel() in the background. Blocks until it serves. Nobody can be asked for a
// password there, so the helper that needs one now is started here, before, and handed over.
Result<void> detach_tunnel(const Context& ctx, const Home& home, const TunnelRequest& request);
// Blocks until the profile's tunnel, wherever it runs, has ended and cleaned up; whether there was one. What one that
// was killed has left is clean_after_tunnel()'s.
Result<bool> end_tunnel(const Context& ctx, const Home& home, const std::string& profile);

// Whether a tunnel is to run in the background, now or when the cluster runs again.
bool has_parked_tunnel(const Home& home, const std::string& profile);

// Blocks until the agent has ended; what it held is remembered. None = success.
Result<void> park_agent(const Context& ctx, const Home& home, const std::string& profile);
// Blocks until the profile has no agent and no forwards any more. None = success.
Result<void> end_agent(const Context& ctx, const Home& home, const std::string& profile);

// The agent itself (`skiff __agent`), with the socket that its starter made as its standard input. Blocks until it is
// to end, which is also so when the profile's folder has gone.
Result<void> run_agent(const Context& ctx, const Home& home, const std::string& profile);

}  // namespace skiff::cluster
