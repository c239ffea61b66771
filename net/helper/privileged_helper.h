// SPDX-License-Identifier: Apache-2.0
// Root's part of the work, kept tiny: skiff itself stays unprivileged, and only `skiff __helper` runs under sudo, when
// a port below ip_unprivileged_port_start or the hosts file needs it. Nothing is started when nothing needs it, nor
// when this process may do the thing itself (root, a capability, a hosts file that is ours).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "net/helper/helper_protocol.h"
#include "net/helper/rights.h"
#include "net/hosts/hosts_file.h"
#include "net/line_socket.h"

namespace skiff::net {

struct PrivilegesOptions {
  Rights rights = rights_of_this_process();
  std::string hosts_file = system_hosts_file;
  std::vector<std::string> helper;  // the helper's command line, without sudo: {executable(), "__helper", ...}
};

// Safe from any thread; one request at a time. A request that is interrupted ends the helper, so clean up with a
// context of its own.
class Privileges {
 public:
  explicit Privileges(PrivilegesOptions options) : options_(std::move(options)) {}

  // bind_socket(), by the helper where this process may not. Errors: as bind_socket(); permission when sudo is absent
  // or refuses.
  Result<sys::UniqueFd> bind(const Context& ctx, const ListenPoint& point);
  // The block of the hosts file. Where this process may not write, the helper does it, but to the system's hosts file
  // alone: permission for any other one. The helper removes what it has set when this process ends, however that
  // happens; a block that this process wrote itself stays until clear_hosts().
  Result<std::vector<HostsConflict>> set_hosts(const Context& ctx, std::string_view block,
                                               const std::vector<HostsEntry>& entries);
  Result<void> clear_hosts(const Context& ctx, std::string_view block);

  // Starts the helper now, while there is a terminal on which sudo can ask; `purpose` tells the user why. Does nothing
  // when it runs. sudo is tried once in the life of this object: a refusal is remembered.
  Result<void> start_helper(const Context& ctx, std::string_view purpose);
  // The connection to a running helper, to be used by another process; nothing when none runs.
  sys::UniqueFd hand_over();
  void take_over(sys::UniqueFd connection);

  struct Refusal {
    std::string why;
    std::string sudo_said;
  };

 private:
  Result<void> start(const Context& ctx, std::string_view purpose);
  Result<sys::UniqueFd> ask(const Context& ctx, const HelperRequest& request, std::string_view purpose);

  std::mutex mutex_;
  PrivilegesOptions options_;
  std::unique_ptr<LineSocket> helper_;  // none while no helper runs
  std::optional<Refusal> refusal_;
};

// Root's helper edits the system's hosts file alone, and only where root alone decides what that is: permission when a
// folder, link or the file on the way is not root's.
Result<void> check_system_hosts_file();

// The whole of `skiff __helper`: starts `detached` (this program's command line with --detached) in
// the background with its standard input, a unix socket, and returns, so that sudo gives the terminal back at once.
Result<void> detach_privileged_helper(const std::vector<std::string>& detached);
// And of that with --detached: serves requests from standard input until its other end is closed or `ctx` is stopped,
// then removes the hosts blocks that it has set.
Result<void> serve_privileged_requests(const Context& ctx, sys::UniqueFd socket, const std::string& hosts_file);

}  // namespace skiff::net
