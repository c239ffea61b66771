// SPDX-License-Identifier: Apache-2.0
// What the `addons` commands have in common.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cluster/addons/addons.h"

namespace skiff::cli {

// --set, --images, --registries and --wait-timeout.
std::vector<Flag> addon_flags();
// The request that a line makes: the profile, the names and the flags above. usage for what is not KEY=VALUE.
Result<cluster::AddonRequest> addon_request(const Session& session, const Args& args);

// "a=1" and "b=x=y" by key; usage with the flag's name.
Result<std::map<std::string, std::string>> parse_pairs(const std::vector<std::string>& texts, std::string_view flag);
// A YAML mapping of values, as `--file` takes it: usage or config_invalid with the file's name.
Result<std::map<std::string, std::string>> parse_values(std::string_view yaml, const std::string& file);

JsonArray images_data(const std::vector<addons::Image>& images);
JsonObject change_data(const cluster::AddonChange& change);

}  // namespace skiff::cli
