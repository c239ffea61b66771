// SPDX-License-Identifier: Apache-2.0
#include "cli/record/audit.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::cli {
namespace {

class AuditTest : public testing::Test {
 protected:
  AuditTest() { std::filesystem::create_directories(folder); }
  ~AuditTest() override { std::filesystem::remove_all(folder); }
  Result<void> append(const std::string& args, long long most = 1 << 20) {
    return append_audit(ctx, folder, {"start", args, "lab", "me", "0.1", "2026-01-01T00:00:00Z", "", 0}, most);
  }

  std::string folder = std::filesystem::temp_directory_path() / ("skiff-audit-" + sys::random_hex(6));
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(30)), &events};
};

TEST_F(AuditTest, EntriesComeBackInTheirOrder) {
  EXPECT_TRUE(read_audit(folder).empty());
  ASSERT_TRUE(append("--nodes 3").ok());
  ASSERT_TRUE(append("a \"quote\"\nand a line").ok());
  const auto entries = read_audit(folder);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].args, "--nodes 3");
  EXPECT_EQ(entries[1].args, "a \"quote\"\nand a line");
  EXPECT_EQ(entries[1].profile + entries[1].user + entries[1].start, "labme2026-01-01T00:00:00Z");
  EXPECT_NE(audit_table(entries).find("--nodes 3"), std::string::npos);
}

TEST_F(AuditTest, WhatIsDamagedIsLeftOutAndTakesNothingWithIt) {
  ASSERT_TRUE(append("first").ok());
  std::ofstream(folder + "/audit.json", std::ios::app) << "null\n{\"command\": \"sta";
  ASSERT_TRUE(append("second").ok());
  const auto entries = read_audit(folder);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].args, "second");
}

TEST_F(AuditTest, ItDoesNotGrowForEver) {
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(append(std::to_string(i), 2000).ok());
  long long bytes = 0;
  for (const auto& name : sys::list_folder(folder))
    bytes += static_cast<long long>(sys::read_file(folder + "/" + name)->size());
  EXPECT_LT(bytes, 5000);
  const auto entries = read_audit(folder);
  EXPECT_GT(entries.size(), 5U);
  EXPECT_EQ(entries.back().args, "199");
  for (std::size_t i = 1; i < entries.size(); ++i) {
    EXPECT_EQ(std::stoi(entries[i].args), std::stoi(entries[i - 1].args) + 1) << "none is lost between the two files";
  }
}

TEST_F(AuditTest, ManyProcessesAtOnceLoseNothing) {
  constexpr int processes = 8;
  constexpr int each = 25;
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    bool good = true;
    for (int k = 0; k < each; ++k) good = append(std::to_string(i)).ok() && good;
    ::_exit(good ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(read_audit(folder).size(), static_cast<std::size_t>(processes * each));
}

TEST(Audited, IsWhatChangesSomething) {
  const auto audited = [](std::string_view name, const std::vector<std::string>& words = {}) {
    static const auto all = all_commands();
    const auto command = std::ranges::find(all, name, &Command::name);
    return name.starts_with("__") ? is_audited({.name = name, .summary = "s"}, words) : is_audited(*command, words);
  };
  for (const auto* name : {"start", "stop", "delete", "pause", "node add", "addons enable", "config set", "image load"})
    EXPECT_TRUE(audited(name)) << name;
  for (const auto* name : {"status", "config get", "node list", "__agent", "ssh", "profile", "image save"})
    EXPECT_FALSE(audited(name)) << name;
  EXPECT_TRUE(audited("profile", {"lab"}));
}

}  // namespace
}  // namespace skiff::cli
