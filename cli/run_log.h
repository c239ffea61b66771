// skiff's own log of each run: <skiff_home>/logs/COMMAND-PROFILE-PROCESS.log.
#pragma once

#include <string>
#include <string_view>

namespace skiff::cli {

// The file that this process writes, in a folder that exists. The logs of earlier runs of the same command on the same
// profile are removed, unless their process lives: it still writes them.
std::string new_log(const std::string& folder, std::string_view command, const std::string& profile);

}  // namespace skiff::cli
