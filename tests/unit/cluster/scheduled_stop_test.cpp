// SPDX-License-Identifier: Apache-2.0
#include "cluster/scheduled_stop.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/agent/process_identity.h"
#include "tests/fakes/lab.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

class ScheduledStopTest : public testing::Test {
 protected:
  ScheduledStopTest() { EXPECT_TRUE(fakes::save_lab(home).ok()); }

  // A process of its own that holds the schedule, as the binary starts one; waits until it does.
  pid_t hold(Duration delay) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(ends[1], STDIN_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::_exit(run_scheduled_stop(ctx, home, "lab", delay, {}).ok() ? 0 : 1);
    }
    ::close(ends[1]);
    char word = 0;
    EXPECT_EQ(::read(ends[0], &word, 1), 1);
    ::close(ends[0]);
    return child;
  }
  std::string file() const { return home.store.folder("lab") + "/state/scheduled-stop"; }

  fakes::TemporaryHome temporary;
  std::string stopped = temporary.path + "/stopped";  // a file that says so: the verb runs in the other process
  Home home = fakes::home_of_fakes(temporary.home(), [this](fakes::FakeDriver& driver) {
    driver.machines["lab-cp1"].node = {
        {{"lab", ""}, "lab-cp1"}, Role::control_plane, drivers::NodeState::running, {}, "", ""};
    driver.before = [this](std::string_view method, std::string_view) {
      return method == "stop_node" ? sys::write_atomic(stopped, "yes") : Result<void>();
    };
  });
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(30)), &events};
};

TEST_F(ScheduledStopTest, StopsTheClusterWhenItsTimeHasCome) {
  int status = -1;
  ::waitpid(hold(std::chrono::milliseconds(50)), &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(sys::exists(stopped));
  EXPECT_FALSE(sys::exists(file()));
}

TEST_F(ScheduledStopTest, IsForgottenByACancelAndByAStop) {
  for (const bool by_stop : {false, true}) {
    const pid_t child = hold(std::chrono::hours(1));
    const auto left = time_to_scheduled_stop(home, "lab");
    ASSERT_TRUE(left);
    EXPECT_GT(*left, std::chrono::minutes(58));
    EXPECT_LE(*left, std::chrono::hours(1));
    if (by_stop) {
      EXPECT_TRUE(stop(ctx, home, "lab").ok());
    } else {
      EXPECT_TRUE(cancel_scheduled_stop(ctx, home, "lab").value());
      EXPECT_FALSE(cancel_scheduled_stop(ctx, home, "lab").value()) << "there is none any more";
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(sys::exists(file()));
    EXPECT_FALSE(time_to_scheduled_stop(home, "lab"));
    EXPECT_EQ(sys::exists(stopped), by_stop);
  }
}

TEST_F(ScheduledStopTest, AProcessThatHasEndedIsNone) {
  ASSERT_TRUE(sys::make_folders(home.store.folder("lab") + "/state").ok());
  ASSERT_TRUE(sys::write_atomic(file(), net::to_text({::getpid(), 1}) + "9999999999999\n")
                  .ok());  // this number, but another process
  EXPECT_FALSE(cancel_scheduled_stop(ctx, home, "lab").value());
  EXPECT_FALSE(sys::exists(file()));
}

}  // namespace
}  // namespace skiff::cluster
