// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "images/recipe.h"
#include "sys/process.h"

namespace skiff::images {
namespace {

// A node runs these under dash: a mistake in one of them would show only at its first start.
TEST(NodeScripts, AreValidShell) {
  NoEvents events;
  const Context ctx{{}, Deadline::never(), &events};
  int scripts = 0;
  for (const auto& file : files_below("node/rootfs")) {
    if (!file.content.starts_with("#") || file.path.ends_with(".toml")) continue;
    ++scripts;
    const auto checked = sys::run(ctx, {.argv = {"sh", "-n"}, .input = std::string(file.content)});
    ASSERT_TRUE(checked.ok());
    EXPECT_EQ(checked->exit_code, 0) << file.path << ": " << checked->err;
  }
  EXPECT_GT(scripts, 10);
}

TEST(NodeScripts, ThatAreRunAreExecutable) {
  for (const auto& file : files_below("node/rootfs")) {
    EXPECT_TRUE(file.executable || !file.content.starts_with("#!")) << file.path;
  }
}

}  // namespace
}  // namespace skiff::images
