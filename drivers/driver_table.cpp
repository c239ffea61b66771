// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_table.h"

#include <array>
#include <vector>

#include "base/strings.h"

namespace skiff::drivers {

// Each is defined in its driver's folder. The list comes from CMakeLists.txt.
#define SKIFF_DRIVER(name) DriverInfo name##_driver();
#include "drivers/driver_list.inc"
#undef SKIFF_DRIVER

std::span<const DriverInfo> all_drivers() {
#define SKIFF_DRIVER(name) name##_driver(),
  static const std::array drivers{
#include "drivers/driver_list.inc"
  };
#undef SKIFF_DRIVER
  return drivers;
}

Result<DriverInfo> find_driver(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& driver : all_drivers()) {
    if (driver.name == name) return driver;
    names.emplace_back(driver.name);
  }
  return make_error(ErrorId::driver_not_found,
                    "There is no driver '" + std::string(name) + "'" + did_you_mean(name, names),
                    "The drivers are: " + join(names, ", "));
}

}  // namespace skiff::drivers
