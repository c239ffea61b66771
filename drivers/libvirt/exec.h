// SPDX-License-Identifier: Apache-2.0
// Commands and streams in a running machine.
#pragma once

#include "drivers/libvirt/machine.h"

namespace skiff::drivers::libvirt {

// The second half of Driver::exec: the machine has been asked to run the request's command.
Result<int> attend(const Context& ctx, Conversation& conversation, const ExecRequest& request);
// What the machine is asked for that.
Json exec_request(const ExecRequest& request);

}  // namespace skiff::drivers::libvirt
