// SPDX-License-Identifier: Apache-2.0
#include "drivers/driver_table.h"

#include <gtest/gtest.h>

namespace skiff::drivers {
namespace {

TEST(DriverTable, EveryDriverIsFoundByItsName) {
  ASSERT_FALSE(all_drivers().empty());
  for (const auto& driver : all_drivers()) {
    const auto found = find_driver(driver.name);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->make, driver.make);
    EXPECT_NE(driver.make(""), nullptr);
  }
}

TEST(DriverTable, UnknownNameTellsTheNearest) {
  const auto found = find_driver("doker");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().id, ErrorId::driver_not_found);
  EXPECT_NE(found.error().what.find("'docker'"), std::string::npos) << found.error().what;
}

}  // namespace
}  // namespace skiff::drivers
