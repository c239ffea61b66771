// SPDX-License-Identifier: Apache-2.0
// Where things lie on this host, from the environment. Read once per call; tests set the variables.
#pragma once

#include <optional>
#include <string>

namespace skiff::sys {

std::optional<std::string> env(const std::string& name);  // empty counts as unset
std::string user_name();                                  // of the effective user; its number when it has none
std::string home_folder();                                // $HOME, else the user database's
std::string docker_folder();                              // $DOCKER_CONFIG, else ~/.docker: what Docker's command keeps
std::string skiff_home();                                 // $SKIFF_HOME, else ~/.skiff
std::string cache_folder();  // $SKIFF_CACHE_DIR, else <skiff_home>/cache: expensive products, kept by content hash
std::string executable();    // absolute path of this program

}  // namespace skiff::sys
