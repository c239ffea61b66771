#include "cluster/agent.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cluster/lifecycle.h"
#include "cluster/tunnel_cleanup.h"
#include "net/process_identity.h"
#include "net/unique_fd.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "tests/fakes/fake_driver.h"

namespace skiff::cluster {
namespace {

// The profile 'lab', in whose folder any agent may seem to live.
class AgentTest : public testing::Test {
 protected:
  AgentTest() {
    ::setenv("KUBECONFIG", (home + "/kubeconfig").c_str(), 1);
    ClusterSpec spec;
    spec.profile = "lab";
    spec.driver = "fake";
    spec.kubernetes_version = "v1";
    spec.node_image = "image";
    EXPECT_TRUE(services.store.save(spec).ok());
    EXPECT_TRUE(sys::make_folders(folder()).ok());
  }
  ~AgentTest() override {
    if (child > 0) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
    kubeconfig_before ? ::setenv("KUBECONFIG", kubeconfig_before->c_str(), 1) : ::unsetenv("KUBECONFIG");
    std::filesystem::remove_all(home);
  }

  std::string folder() const { return tunnel_folder(services, "lab"); }
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

  const std::optional<std::string> kubeconfig_before = sys::env("KUBECONFIG");
  const std::string home = std::filesystem::temp_directory_path() / ("skiff-agent-" + sys::random_hex(6));
  Services services{ProfileStore(home),
                    [](std::string_view, const std::string&) -> Result<std::unique_ptr<drivers::Driver>> {
                      return std::unique_ptr<drivers::Driver>(std::make_unique<fakes::FakeDriver>());
                    }};
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(60)), &events};
  net::UniqueFd socket;
  pid_t child = -1;
};

TEST_F(AgentTest, AnAgentThatHangsDoesNotKeepAProfileFromBeingDeleted) {
  start_hung_agent();
  const auto removed = remove(ctx, services, "lab");
  EXPECT_TRUE(removed.ok()) << removed.error().what;
  EXPECT_FALSE(sys::exists(services.store.folder("lab")));
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, WNOHANG), child) << "it still runs";
  child = -1;
}

TEST_F(AgentTest, WhoOnlyLooksStartsNoAgent) {
  write("held.json", R"({"forwards": [{"namespace": "default", "service": "web", "protocol": "tcp", "port": 80}]})");
  const auto held = held_forwards(ctx, services, "lab");
  ASSERT_TRUE(held.ok()) << held.error().what;
  EXPECT_TRUE(held->empty());
  EXPECT_TRUE(awaits_agent(services, "lab"));
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
    [[maybe_unused]] const bool parked = has_parked_tunnel(services, "lab");
    const auto released = release_forwards(ctx, services, "lab", {});
    ASSERT_TRUE(released.ok()) << released.error().what;
    EXPECT_TRUE(released->empty());
    EXPECT_TRUE(end_tunnel(ctx, services, "lab").ok());
  }
}

}  // namespace
}  // namespace skiff::cluster
