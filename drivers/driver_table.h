// SPDX-License-Identifier: Apache-2.0
// Every driver of this build, in order of preference. A driver joins by adding a folder and its name to the list in
// drivers/CMakeLists.txt.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "drivers/driver.h"

namespace skiff::drivers {

struct DriverInfo {
  std::string_view name;
  std::string_view summary;
  bool takes_uri;  // whether a user may say where its provider is
  // With an empty `uri` the provider is where it usually is. Never fails and never blocks: connecting is check()'s
  // business.
  std::unique_ptr<Driver> (*make)(const std::string& uri);
};

std::span<const DriverInfo> all_drivers();
// driver_not_found with the nearest name.
Result<DriverInfo> find_driver(std::string_view name);

}  // namespace skiff::drivers
