// SPDX-License-Identifier: Apache-2.0
// Forwards of a process that is out of descriptors.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "net/forward/tcp_dial.h"
#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

// While it lives, this process may open no more than so many descriptors.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t left) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const sys::UniqueFd lowest(::fcntl(0, F_DUPFD_CLOEXEC, 0));
    const rlimit limit{static_cast<rlim_t>(lowest.get()) + left, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Descriptors, AClientWaitsWhileThereIsNoneForItsTarget) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  sys::UniqueFd client;
  {
    const FewDescriptors few(2);
    client = connect_to(forwarded.at.port);
    ASSERT_TRUE(eventually([&] { return !forwarded.status().last_error.empty(); }));
  }
  const auto served = accept_from(server);
  send_all(served, "hello");
  EXPECT_EQ(receive(client, 5), "hello");
  EXPECT_EQ(forwarded.status().failed, 0U);
}

TEST(Descriptors, NoTargetIsShunnedForALackOfThem) {
  const Target first = Endpoint{localhost, 1};
  const Target second = Endpoint{localhost, 2};
  const auto loop = EventLoop::start().value();
  loop->call([&] {
    const auto relays = std::make_shared<NodeRelays>(*loop, std::chrono::seconds(1));
    Shunned shunned(std::chrono::seconds(10));
    std::vector<ErrorId> told;
    const auto done = [&](const Result<Connected>& target) { told.push_back(target.error().id); };
    const auto dial =
        std::make_shared<TcpDial>(*loop, *relays, shunned, std::chrono::seconds(1), std::vector{first}, done);
    {
      const FewDescriptors none(0);
      dial->start();
    }
    EXPECT_EQ(told, std::vector{ErrorId::host_error});
    std::vector<Target> targets = {first, second};
    shunned.put_last(targets);
    EXPECT_EQ(name_of(targets[0]), name_of(first));
  });
}

TEST(Descriptors, AConnectionWaitsForAPipe) {
  const auto server = listen_on();
  const auto forwarded = forward(routes_to({server.endpoint()}));
  const auto client = connect_to(forwarded.at.port);
  const auto served = accept_from(server);
  send_all(client, "question");
  EXPECT_EQ(receive(served, 8), "question");
  const FewDescriptors none(0);  // but one pipe has been made by now

  // Upwards all is full, the pipe too.
  const std::string bytes(1 << 16, 'x');
  std::size_t sent = 0;
  for (int idle = 0; idle < 100; ++idle) {
    for (ssize_t count = 0; (count = ::send(client.get(), bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0; idle = 0) {
      sent += static_cast<std::size_t>(count);
    }
    [[maybe_unused]] const auto the_loop_has_turned = forwarded.status();
  }
  send_all(served, "answer");
  for (int turns = 0; turns < 100; ++turns) EXPECT_EQ(forwarded.status().active, 1U);
  EXPECT_EQ(receive(served, sent).size(), sent);
  EXPECT_EQ(receive(client, 6), "answer");
}

}  // namespace
}  // namespace skiff::net::test
