// SPDX-License-Identifier: Apache-2.0
// The tunnel: every LoadBalancer service of a profile on a localhost address, written to its status, and the hosts of
// every Ingress on 80 and 443.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cluster/reach/tunnel_plan.h"
#include "cluster/store/home.h"
#include "net/agent/process_identity.h"
#include "sys/unique_fd.h"

namespace skiff::cluster {

struct TunnelRequest {
  std::string profile;
  std::string hosts_file;                  // empty: no hosts file is touched
  std::vector<std::string> allowed_hosts;  // patterns of Ingress hosts that are mapped though they may be somebody's
  std::optional<Ipv4> address = {};        // of every service that asks for none, on loopback; nothing = as they fit
};

// Serves until `ctx` is stopped or the profile has gone, and takes back then what it has written: statuses, hosts,
// sockets. First cleans up after one that was killed; a hosts file that cannot be cleaned is a warning. tunnel_conflict
// when the profile has a tunnel. `serving` is called once, when all that was there at the beginning is served. `helper`
// is one that ask_for_helper() gave, or nothing: then sudo is asked when root is needed.
Result<void> run_tunnel(const Context& ctx, const Home& home, const TunnelRequest& request,
                        const std::function<void()>& serving, sys::UniqueFd helper = {});

// For a tunnel that will have no terminal: the connection to a privileged helper, for which sudo may ask on this one.
// Nothing when this user may do by himself all that the cluster asks for now, or when sudo refuses, which is a warning.
Result<sys::UniqueFd> ask_for_helper(const Context& ctx, const Home& home, const TunnelRequest& request);

struct TunnelStatus {
  std::optional<net::ProcessIdentity> process;  // nothing: no tunnel
  std::vector<TunnelEntry> entries;
};
TunnelStatus tunnel_status(const Home& home, const std::string& profile);

// The privileged helper's command line, which is what a sudoers rule names (docs/tunnel.md).
std::vector<std::string> helper_command();

// Takes back what a killed tunnel has left, statuses only where a node runs; nothing while a tunnel runs. What fails is
// tried again the next time. Who edits the hosts file: this user, or sudo where he may not.
enum class By { user, sudo };
Result<void> clean_after_tunnel(const Context& ctx, const Home& home, const std::string& profile, By by);
// Its lines in the hosts file alone, by sudo where needed: for a cluster that goes.
Result<void> clean_hosts_after_tunnel(const Context& ctx, const Home& home, const std::string& profile);

}  // namespace skiff::cluster
