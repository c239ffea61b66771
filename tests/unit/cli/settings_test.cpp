// SPDX-License-Identifier: Apache-2.0
#include "cli/settings.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::cli {
namespace {

TEST(Settings, AChangeWaitsForAnotherOneAndNamesIt) {
  const std::string home = std::filesystem::temp_directory_path() / ("skiff-settings-" + sys::random_hex(4));
  NoEvents events;
  const Context ctx{{}, Deadline::in(std::chrono::seconds(20)), &events};
  {
    const auto other = sys::Lock::acquire(ctx, settings_path(home) + ".lock", {});
    ASSERT_TRUE(other.ok());
    const auto changed = change_setting(ctx.within(std::chrono::milliseconds(100)), home, "nodes", "3");
    ASSERT_FALSE(changed.ok());
    EXPECT_EQ(changed.error().id, ErrorId::profile_busy);
    EXPECT_EQ(changed.error().what, "Another skiff changes the settings");
  }
  EXPECT_TRUE(change_setting(ctx, home, "nodes", "3").ok());
  EXPECT_EQ(load_settings(home).value().at("nodes"), "3");
  EXPECT_TRUE(sys::remove_tree(home).ok());
}

}  // namespace
}  // namespace skiff::cli
