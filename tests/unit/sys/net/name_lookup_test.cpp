// SPDX-License-Identifier: Apache-2.0
#include "sys/net/name_lookup.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <future>
#include <thread>

namespace skiff::sys {
namespace {

Context within(Duration limit, std::stop_token stop = {}) {
  static NoEvents events;
  return {std::move(stop), Deadline::in(limit), &events};
}

// A resolver that answers when it may.
struct SlowResolver {
  std::promise<void> may;
  std::shared_future<void> allowed = may.get_future().share();
  GetAddrInfo get() {
    return [done = allowed](const char*, const char* port, const addrinfo* hints, addrinfo** list) {
      done.wait();
      return ::getaddrinfo("127.0.0.9", port, hints, list);
    };
  }
};

TEST(NameLookup, AnAddressNeedsNoResolver) {
  const auto found = look_up(within(std::chrono::seconds(5)), "127.0.0.1", 80, [](auto...) { return EAI_AGAIN; });
  ASSERT_TRUE(found.ok()) << found.error().what;
  const auto* address = reinterpret_cast<const sockaddr_in*>((*found)->ai_addr);
  EXPECT_EQ(ntohs(address->sin_port), 80);
  EXPECT_TRUE(look_up(within(std::chrono::seconds(5)), "::1", 80, [](auto...) { return EAI_AGAIN; }).ok());
}

TEST(NameLookup, GivesTheResolversAnswerAndItsRefusal) {
  SlowResolver resolver;
  resolver.may.set_value();
  EXPECT_TRUE(look_up(within(std::chrono::seconds(5)), "slow.test", 80, resolver.get()).ok());
  const auto refused = look_up(within(std::chrono::seconds(5)), "slow.test", 80, [](auto...) { return EAI_NONAME; });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::network);
  EXPECT_NE(refused.error().what.find("slow.test"), std::string::npos);
}

TEST(NameLookup, AResolverThatIsSilentIsGivenUp) {
  SlowResolver resolver;
  const auto late = look_up(within(std::chrono::milliseconds(20)), "slow.test", 80, resolver.get());
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().id, ErrorId::timeout);

  std::stop_source stop;
  const std::jthread stopper([&] { stop.request_stop(); });
  const auto stopped = look_up(within(std::chrono::minutes(1), stop.get_token()), "slow.test", 80, resolver.get());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().id, ErrorId::interrupted);
  resolver.may.set_value();
}

TEST(NameLookup, TellsAHostsIpv4Address) {
  const Context ctx = within(std::chrono::seconds(5));
  EXPECT_EQ(ipv4_of(ctx, "127.0.0.9").value_or("none"), "127.0.0.9");
  EXPECT_EQ(ipv4_of(ctx, "localhost").value_or("none"), "127.0.0.1");
  EXPECT_EQ(ipv4_of(ctx, "::1").value_or("none"), "");
}

}  // namespace
}  // namespace skiff::sys
