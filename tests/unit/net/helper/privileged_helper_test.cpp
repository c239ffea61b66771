// SPDX-License-Identifier: Apache-2.0
#include "net/helper/privileged_helper.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "base/strings.h"
#include "net/agent/process_identity.h"
#include "net/listen.h"
#include "sys/env.h"
#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

const std::vector<HostsEntry> hello = {{"helloworld.test", {{0x7F000001}, false}}};

// A world in which this user may do nothing by himself: `sudo` on PATH is a script that notes its arguments and then
// runs the helper, as the same user, and the hosts file lies in a folder that only seems to be somebody else's.
class PrivilegesTest : public testing::Test {
 protected:
  PrivilegesTest() {
    path_before_ = sys::env("PATH").value_or("");
    ::setenv("PATH", (folder.path("bin") + ":" + path_before_).c_str(), 1);
    std::filesystem::create_directory(folder.path("bin"));
    write_file(hosts(), "127.0.0.1 localhost\n");
  }
  ~PrivilegesTest() override { ::setenv("PATH", path_before_.c_str(), 1); }

  void sudo(const std::string& script) { write_file(folder.path("bin/sudo"), "#!/bin/sh\n" + script, 0755); }
  void working_sudo() {
    sudo("echo x >> " + folder.path("log") + "\nwhile [ \"$1\" != -- ]; do shift; done\nshift\nexec \"$@\"\n");
  }
  std::size_t times_asked() const { return split(read_file(folder.path("log")), '\n').size() - 1; }
  std::string hosts() const { return folder.path("hosts"); }

  PrivilegesOptions options(std::uint16_t first_free_port) const {
    return {.rights = {.root = false, .low_ports = false, .first_free_port = first_free_port},
            .hosts_file = hosts(),
            .helper = {sys::executable(), "__helper", hosts()}};
  }
  // Every port seems to be a privileged one.
  PrivilegesOptions unprivileged() const { return options(65535); }

  TempFolder folder;
  std::string path_before_;
};

ListenPoint local_point(std::uint16_t port) { return {Protocol::tcp, {{0x7F000002}, false}, port}; }

TEST_F(PrivilegesTest, BindsByItselfWhatItMay) {
  Privileges privileges(options(1024));
  const auto bound = privileges.bind(context(), local_point(unused_port()));
  ASSERT_TRUE(bound.ok()) << bound.error().what;
  EXPECT_TRUE(privileges.bind(context(), local_point(0)).ok());
  EXPECT_FALSE(privileges.hand_over()) << "a helper was started for nothing";
}

TEST_F(PrivilegesTest, GetsBoundSocketsFromTheHelperAndStartsItOnce) {
  working_sudo();
  Privileges privileges(unprivileged());
  const auto port = unused_port();
  auto bound = privileges.bind(context(), local_point(port));
  ASSERT_TRUE(bound.ok()) << bound.error().what;
  EXPECT_EQ(listen_point_of(bound->get()).value(), local_point(port));
  int listens = 0;
  socklen_t size = sizeof listens;
  ::getsockopt(bound->get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
  EXPECT_EQ(listens, 1);

  const auto server = listen_on();
  auto forwarded = forward(routes_to({server.endpoint()}));
  ASSERT_TRUE(forwarded.forwarder->adopt(std::move(bound).value(), routes_to({server.endpoint()})).ok());

  const auto udp = privileges.bind(context(), {Protocol::udp, {{0x7F000002}, false}, port});
  ASSERT_TRUE(udp.ok()) << udp.error().what;
  EXPECT_EQ(times_asked(), 1U);
}

TEST_F(PrivilegesTest, PassesTheHelpersErrorsOnAndKeepsIt) {
  working_sudo();
  Privileges privileges(unprivileged());
  const auto other = listen_on();
  const auto taken = privileges.bind(context(), {Protocol::tcp, {localhost, false}, other.port});
  ASSERT_FALSE(taken.ok());
  EXPECT_EQ(taken.error().id, ErrorId::port_in_use);
  EXPECT_NE(taken.error().what.find("unit_net"), std::string::npos) << taken.error().what;
  EXPECT_TRUE(privileges.bind(context(), local_point(unused_port())).ok());
  EXPECT_EQ(times_asked(), 1U);
}

TEST_F(PrivilegesTest, TheHelperSetsTheBlockAndRemovesItWhenItsParentIsGone) {
  working_sudo();
  auto pair = make_socket_pair();
  ASSERT_TRUE(pair.ok());
  {
    Privileges privileges(unprivileged());
    ASSERT_TRUE(privileges.start_helper(context(), "A test").ok());
    LineSocket helper(privileges.hand_over(), helper_longest_line);
    ASSERT_TRUE(helper.send(context(), to_lines(HostsRequest{"lab", hello})).ok());
    const auto reply = helper.receive(context());
    ASSERT_TRUE(reply.ok() && *reply);
    EXPECT_EQ((*reply)->text, "ok");
    EXPECT_TRUE(has_hosts_block(hosts(), "lab"));
  }
  EXPECT_TRUE(eventually([&] { return read_file(hosts()) == "127.0.0.1 localhost\n"; }));
}

TEST_F(PrivilegesTest, TheHelperLeavesABlockAloneThatItDidNotSet) {
  working_sudo();
  ASSERT_TRUE(update_hosts_file(context(), hosts(), "other", {{"other.test", {{0x7F000001}, false}}}).ok());
  {
    Privileges privileges(unprivileged());
    ASSERT_TRUE(privileges.start_helper(context(), "A test").ok());
    LineSocket helper(privileges.hand_over(), helper_longest_line);
    ASSERT_TRUE(helper.send(context(), to_lines(HostsRequest{"lab", hello})).ok());
    ASSERT_TRUE(helper.receive(context()).ok());
  }
  EXPECT_TRUE(eventually([&] { return !has_hosts_block(hosts(), "lab"); }));
  EXPECT_TRUE(has_hosts_block(hosts(), "other"));
}

TEST_F(PrivilegesTest, TheHelperEndsAtTheFirstRequestThatIsNotAllowed) {
  working_sudo();
  Privileges privileges(unprivileged());
  ASSERT_TRUE(privileges.start_helper(context(), "A test").ok());
  LineSocket helper(privileges.hand_over(), helper_longest_line);
  ASSERT_TRUE(helper.send(context(), "bind tcp 0.0.0.0 80\nbind tcp 127.0.0.1 80\n").ok());
  const auto reply = helper.receive(context());
  ASSERT_TRUE(reply.ok() && *reply);
  EXPECT_EQ((*reply)->text, "error USAGE The privileged helper refuses an address that is not local: 0.0.0.0");
  const auto end = helper.receive(context());
  ASSERT_TRUE(end.ok());
  EXPECT_FALSE(*end);
}

TEST_F(PrivilegesTest, AnotherProcessMayTakeTheHelperOver) {
  working_sudo();
  Privileges first(unprivileged());
  ASSERT_TRUE(first.start_helper(context(), "A test").ok());
  Privileges second(unprivileged());
  second.take_over(first.hand_over());
  EXPECT_TRUE(second.bind(context(), local_point(unused_port())).ok());
  EXPECT_EQ(times_asked(), 1U);
}

TEST_F(PrivilegesTest, EditsAHostsFileThatIsOursByItself) {
  Privileges privileges(unprivileged());
  const auto conflicts = privileges.set_hosts(context(), "lab", hello);
  ASSERT_TRUE(conflicts.ok()) << conflicts.error().what;
  EXPECT_TRUE(has_hosts_block(hosts(), "lab"));
  ASSERT_TRUE(privileges.clear_hosts(context(), "lab").ok());
  EXPECT_EQ(read_file(hosts()), "127.0.0.1 localhost\n");
}

TEST_F(PrivilegesTest, TheHelperEditsTheSystemsHostsFileAlone) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write every file";
  working_sudo();
  ::chmod(hosts().c_str(), 0444);
  Privileges privileges(unprivileged());
  const auto set = privileges.set_hosts(context(), "lab", hello);
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().id, ErrorId::permission);
  EXPECT_NE(set.error().what.find("/etc/hosts alone"), std::string::npos) << set.error().what;
  EXPECT_FALSE(privileges.hand_over()) << "a helper was started for nothing";
}

TEST_F(PrivilegesTest, SaysWhenThereIsNoSudo) {
  ::setenv("PATH", folder.path("bin").c_str(), 1);
  Privileges privileges(unprivileged());
  const auto bound = privileges.bind(context(), local_point(80));
  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(bound.error().id, ErrorId::permission);
  EXPECT_EQ(bound.error().what, "Listening on 127.0.0.2:80/tcp needs root, and sudo is not installed");
  EXPECT_NE(bound.error().advice.find("ip_unprivileged_port_start"), std::string::npos);
}

TEST_F(PrivilegesTest, SaysWhenSudoRefusesAndAsksOnlyOnce) {
  sudo("echo x >> " + folder.path("log") + "\necho 'sudo: a password is required' >&2\nexit 1\n");
  Privileges privileges(unprivileged());
  for (int i = 0; i < 2; ++i) {
    const auto bound = privileges.bind(context(), local_point(80));
    ASSERT_FALSE(bound.ok());
    EXPECT_EQ(bound.error().id, ErrorId::permission);
    EXPECT_EQ(bound.error().what, "Listening on 127.0.0.2:80/tcp needs root, and sudo did not allow it");
  }
  EXPECT_EQ(times_asked(), 1U);
}

TEST_F(PrivilegesTest, GivesUpAWaitingSudoWhenInterrupted) {
  sudo("exec cat\n");  // waits for its input, as sudo waits for a password
  Privileges privileges(unprivileged());
  const auto bound = privileges.bind(context(std::chrono::milliseconds(50)), local_point(80));
  ASSERT_FALSE(bound.ok());
  EXPECT_EQ(bound.error().id, ErrorId::timeout);
}

TEST(PrivilegedHelper, RefusesAnInputThatIsNoSocket) {
  const auto detached = [] {
    ::close(0);
    ::_exit(detach_privileged_helper({"true"}).ok() ? 0 : 3);
  };
  EXPECT_EXIT(detached(), testing::ExitedWithCode(3), "");
}

TEST(Rights, ReadsCapabilitiesAndPorts) {
  EXPECT_TRUE(has_low_ports("Name:\tx\nCapEff:\t0000000000000400\n"));
  EXPECT_TRUE(has_low_ports("CapInh:\t0\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n"));
  EXPECT_FALSE(has_low_ports("CapPrm:\t0000000000000400\nCapEff:\t00000000000003ff\n"));
  EXPECT_FALSE(has_low_ports(""));
  const Rights ordinary{.root = false, .low_ports = false, .first_free_port = 1024};
  EXPECT_FALSE(ordinary.may_bind(80));
  EXPECT_TRUE(ordinary.may_bind(1024));
  EXPECT_TRUE(ordinary.may_bind(0));
  EXPECT_TRUE((Rights{.root = false, .low_ports = true, .first_free_port = 1024}).may_bind(80));
  EXPECT_TRUE((Rights{.root = false, .low_ports = false, .first_free_port = 80}).may_bind(80));
}

}  // namespace
}  // namespace skiff::net::test
