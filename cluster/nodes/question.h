// SPDX-License-Identifier: Apache-2.0
// One question over TCP, asked from inside a node: what a pod there would be told, say by cluster DNS.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "drivers/driver.h"

namespace skiff::cluster {

// Sends the question to an address that the node sees, and reads until `enough` is content with what came, or the other
// side has no more to say. Blocks within `ctx`; the answer may be empty. Errors: those of the driver and of the stream.
Result<std::string> ask_from_node(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node,
                                  std::string_view host, std::uint16_t port, std::string_view question,
                                  const std::function<bool(std::string_view answer)>& enough);

}  // namespace skiff::cluster
