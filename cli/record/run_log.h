// SPDX-License-Identifier: Apache-2.0
// skiff's own log of each run: <skiff_home>/logs/COMMAND-PROFILE-PROCESS.log.
#pragma once

#include <string>
#include <string_view>

namespace skiff::cli {

// The file that this process writes, in a folder that exists. The logs of earlier runs of the same command on the same
// profile are removed, unless their process lives: it still writes them.
std::string new_log(const std::string& folder, std::string_view command, const std::string& profile);

// The log of the run of that command on that profile which began last; empty when there is none.
std::string last_log(const std::string& folder, std::string_view command, const std::string& profile);
// That of the command that ran last, whichever it was; empty when there is none.
std::string newest_log(const std::string& folder);

}  // namespace skiff::cli
