// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/agent.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "cluster/lifecycle.h"
#include "cluster/reach/tunnel_cleanup.h"
#include "net/agent/process_identity.h"
#include "sys/files.h"
#include "sys/unique_fd.h"
#include "tests/fakes/lab.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

// The profile 'lab', in whose folder any agent may seem to live.
class AgentTest : public testing::Test {
 protected:
  AgentTest() {
    EXPECT_TRUE(fakes::save_lab(home).ok());
    EXPECT_TRUE(sys::make_folders(folder()).ok());
  }
  ~AgentTest() override {
    if (child > 0) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }

  std::string folder() const { return tunnel_folder(home, "lab"); }
  void write(const std::string& file, const std::string& text) const { std::ofstream(folder() + "/" + file) << text; }

  // A process that has the agent's socket and number, and does nothing.
  void start_hung_agent() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder() + "/agent.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    socket.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    child = ::fork();
    if (child == 0) {
      for (;;) ::pause();
    }
    const auto identity = net::identity_of(child);
    ASSERT_TRUE(identity);
    write("agent.pid", net::to_text(*identity));
  }

  fakes::TemporaryHome temporary;
  Home home = fakes::home_of_fakes(temporary.home());
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(60)), &events};
  sys::UniqueFd socket;
  pid_t child = -1;
};

TEST_F(AgentTest, AnAgentThatHangsDoesNotKeepAProfileFromBeingDeleted) {
  start_hung_agent();
  const auto removed = remove(ctx, home, "lab");
  EXPECT_TRUE(removed.ok()) << removed.error().what;
  EXPECT_FALSE(sys::exists(home.store.folder("lab")));
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, WNOHANG), child) << "it still runs";
  child = -1;
}

TEST_F(AgentTest, WhoOnlyLooksStartsNoAgent) {
  write("held.json", R"({"forwards": [{"namespace": "default", "service": "web", "protocol": "tcp", "port": 80}]})");
  const auto held = held_forwards(ctx, home, "lab");
  ASSERT_TRUE(held.ok()) << held.error().what;
  EXPECT_TRUE(held->empty());
  EXPECT_TRUE(awaits_agent(home, "lab"));
  EXPECT_FALSE(sys::exists(folder() + "/agent.pid"));
  EXPECT_FALSE(sys::exists(folder() + "/agent.log"));
}

TEST_F(AgentTest, ADamagedMemoryIsNoTrouble) {
  for (const char* text :
       {"", "{", "[1]", "7", R"({"forwards": 7, "tunnel": []})", R"({"forwards": [7, {"service": 7}], "tunnel": 7})",
        R"({"tunnel": {"hostsFile": 7, "allowedHosts": [7, null], "helper": [1]}})",
        R"({"forwards": [{"namespace": "a", "service": "b", "protocol": "tcp", "port": 70000}]})"}) {
    SCOPED_TRACE(text);
    write("held.json", text);
    [[maybe_unused]] const bool parked = has_parked_tunnel(home, "lab");
    const auto released = release_forwards(ctx, home, "lab", {});
    ASSERT_TRUE(released.ok()) << released.error().what;
    EXPECT_TRUE(released->empty());
    EXPECT_TRUE(end_tunnel(ctx, home, "lab").ok());
  }
}

}  // namespace
}  // namespace skiff::cluster
