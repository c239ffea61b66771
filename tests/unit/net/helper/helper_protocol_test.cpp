// SPDX-License-Identifier: Apache-2.0
#include "net/helper/helper_protocol.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace skiff::net::test {
namespace {

// All requests in a text, or the first error.
Result<std::vector<HelperRequest>> parse(const std::string& text) {
  HelperRequestParser parser;
  std::vector<HelperRequest> requests;
  for (const auto& line : split(text, '\n')) {
    if (line.empty()) continue;
    if (auto request = TRY(parser.line(line))) requests.push_back(std::move(*request));
  }
  return requests;
}

TEST(HelperProtocol, RequestsSurviveTheWay) {
  const std::vector<HelperRequest> requests = {
      BindRequest{{Protocol::tcp, {{0x7F000002}, false}, 80}},
      BindRequest{{Protocol::udp, {{}, true}, 53}},
      HostsRequest{"lab", {{"helloworld.test", {{0x7F000001}, false}}, {"helloworld.test", {{}, true}}}},
      HostsRequest{"lab", {}},
  };
  std::string text;
  for (const auto& request : requests) text += to_lines(request);
  EXPECT_EQ(text,
            "bind tcp 127.0.0.2 80\nbind udp ::1 53\nhosts lab 2\n127.0.0.1 helloworld.test\n::1 helloworld.test\n"
            "hosts-clear lab\n");
  const auto parsed = parse(text);
  ASSERT_TRUE(parsed.ok()) << parsed.error().what;
  EXPECT_EQ(*parsed, requests);
}

TEST(HelperProtocol, AdmitsNothingElse) {
  for (const std::string& text : {
           std::string("shell"),
           std::string("bind"),
           std::string("bind tcp 127.0.0.1"),
           std::string("bind tcp 127.0.0.1 80 x"),
           std::string("bind tcp  127.0.0.1 80"),
           std::string("bind sctp 127.0.0.1 80"),
           std::string("bind tcp 0.0.0.0 80"),
           std::string("bind tcp 192.0.2.2 80"),
           std::string("bind tcp 128.0.0.1 80"),
           std::string("bind tcp ::2 80"),
           std::string("bind tcp 127.0.0.1 0"),
           std::string("bind tcp 127.0.0.1 65536"),
           std::string("bind tcp 127.0.0.1 -1"),
           std::string("bind tcp 127.0.0.1 80x"),
           std::string("hosts"),
           std::string("hosts lab"),
           std::string("hosts lab 0"),
           std::string("hosts lab -1"),
           std::string("hosts lab 1001"),
           std::string("hosts lab x"),
           std::string("hosts ../lab 1"),
           std::string("hosts la\tb 1"),
           std::string("hosts-clear"),
           std::string("hosts-clear LAB"),
           std::string("hosts-clear lab x"),
           std::string("hosts lab 1\n127.0.0.1"),
           std::string("hosts lab 1\n127.0.0.1 a b"),
           std::string("hosts lab 1\n10.0.0.1 bank.example"),
           std::string("hosts lab 1\n127.0.0.1 localhost"),
           std::string("hosts lab 1\n127.0.0.1 a#b"),
           std::string("hosts lab 1\n127.0.0.1 a\tb"),
           std::string("hosts lab 1\n127.0.0.1 a\rb"),
           std::string("bind tcp 127.0.0.1 80\0", 22),
           std::string(600, 'x'),
       }) {
    const auto parsed = parse(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().id, ErrorId::usage) << text;
  }
}

TEST(HelperProtocol, RepliesSurviveTheWay) {
  EXPECT_EQ(to_reply({}), "ok\n");
  EXPECT_TRUE(parse_reply("ok").ok());
  const std::string line = to_reply(make_error(ErrorId::port_in_use, "127.0.0.1:80/tcp is taken\nby nginx"));
  EXPECT_EQ(line, "error PORT_IN_USE 127.0.0.1:80/tcp is taken by nginx\n");
  const auto parsed = parse_reply(trim(line));
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.error().id, ErrorId::port_in_use);
  EXPECT_EQ(parsed.error().what, "127.0.0.1:80/tcp is taken by nginx");
  for (const char* text : {"", "okay", "error", "error PORT_IN_USE", "error NO_SUCH_ID text", "x PORT_IN_USE text"}) {
    EXPECT_EQ(parse_reply(text).error().id, ErrorId::internal) << text;
  }
}

}  // namespace
}  // namespace skiff::net::test
