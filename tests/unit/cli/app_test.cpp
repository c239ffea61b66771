// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "cli/record/audit.h"
#include "cli/record/run_log.h"
#include "cluster/undo.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::cli {
namespace {

bool taken_back = false;

Result<Answer> throwing(Session& session, const Args&) {
  cluster::Undo undo(*session.ctx.events);
  undo.add([](const Context&) -> Result<void> {
    taken_back = true;
    return {};
  });
  undo.add([](const Context&) -> Result<void> { throw std::runtime_error("even this"); });
  throw std::runtime_error("out of range");
}

class AppTest : public testing::Test {
 protected:
  AppTest() { ::setenv("SKIFF_HOME", folder.c_str(), 1); }
  ~AppTest() override {
    ::unsetenv("SKIFF_HOME");
    std::filesystem::remove_all(folder);
  }
  std::string folder = std::filesystem::temp_directory_path() / ("skiff-app-" + sys::random_hex(6));
};

TEST_F(AppTest, AnExceptionIsToldWithAnIdAndTheLogAndTakenBack) {
  const std::vector<Command> commands = {{.name = "throw", .summary = "Throws", .run = throwing}};
  std::ostringstream out;
  std::ostringstream err;
  taken_back = false;
  Face face;
  EXPECT_EQ(run_line(commands, {"throw", "-p", "lab"}, {}, {out, err}, face), 10);
  EXPECT_TRUE(taken_back);
  EXPECT_NE(err.str().find("out of range"), std::string::npos) << err.str();
  EXPECT_NE(err.str().find("[INTERNAL]"), std::string::npos) << err.str();
  const std::string log = newest_log(folder + "/logs");
  EXPECT_NE(log, "");
  EXPECT_NE(err.str().find("log " + log), std::string::npos) << err.str();
  const auto audit = read_audit(folder + "/logs");
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit[0].command + audit[0].args + audit[0].profile, "throw-p lablab");
  EXPECT_EQ(audit[0].exit_code, 10);
}

TEST_F(AppTest, ALogOfALivingProcessIsLeftAlone) {
  ASSERT_TRUE(sys::make_folders(folder).ok());
  const std::string own = std::to_string(::getpid());
  const std::vector<std::string> kept = {"start-1.log", "start-lab-1.log", "start-lab-x.log",
                                         "start-other-999999999.log"};
  for (const auto& name : kept) ASSERT_TRUE(sys::write_atomic(folder + "/" + name, "x").ok());
  ASSERT_TRUE(sys::write_atomic(folder + "/start-lab-999999999.log", "of a process that is no more").ok());
  EXPECT_EQ(new_log(folder, "start", "lab"), folder + "/start-lab-" + own + ".log");
  EXPECT_EQ(sys::list_folder(folder), kept);
}

}  // namespace
}  // namespace skiff::cli
