// SPDX-License-Identifier: Apache-2.0
// <skiff_home>/config.yaml: the user's defaults, as `skiff config set` writes them. They are for new clusters; a
// cluster that exists keeps what it was made with.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cluster/start/start.h"

namespace skiff::cli {

struct Setting {
  std::string_view key;
  std::string_view help;
  std::string_view file_key;  // the same in a cluster file, which says what its value may be
};
// Each is a flag of `skiff start` too.
std::span<const Setting> all_settings();
// Puts the value into a request; usage when it is not of the right kind.
Result<void> apply(const Setting& setting, const std::string& value, cluster::StartRequest& request);
// usage, with the nearest key, when there is none of that name.
Result<Setting> find_setting(const std::string& key);

using Settings = std::map<std::string, std::string>;
std::string settings_path(const std::string& home);
// Empty when there is no file; config_invalid with file and line when it holds anything that `set` would refuse.
Result<Settings> load_settings(const std::string& home);
// Is it a value that a start could use?
Result<void> check_setting(const std::string& key, const std::string& value);

// The profile that a line is about: the one that it names, else the setting, else $SKIFF_PROFILE, else `usual`.
std::string chosen_profile(const std::optional<std::string>& named, const Settings& settings, std::string_view usual);

// Changes one value, or removes it; nothing else in the file changes meaning.
Result<void> change_setting(const Context& ctx, const std::string& home, const std::string& key,
                            const std::optional<std::string>& value);

}  // namespace skiff::cli
