// SPDX-License-Identifier: Apache-2.0
// What this test program does when it is started as `unit_net __agent FOLDER` or `unit_net __helper FILE [--detached]`.
#pragma once

#include <string>
#include <vector>

namespace skiff::net::test {

int run_agent(const std::vector<std::string>& argv);
int run_helper(const std::vector<std::string>& argv);

}  // namespace skiff::net::test
