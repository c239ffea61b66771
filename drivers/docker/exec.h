// SPDX-License-Identifier: Apache-2.0
// Commands in a running node.
#pragma once

#include "drivers/docker/engine.h"
#include "drivers/driver.h"

namespace skiff::drivers::docker {

// As Driver::exec and Driver::open.
Result<int> exec(const Context& ctx, Engine& engine, const std::string& container, const ExecRequest& request);
Result<std::unique_ptr<sys::Stream>> open_tcp(const Context& ctx, Engine& engine, const std::string& container,
                                              std::string_view host, std::uint16_t port);

}  // namespace skiff::drivers::docker
