// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/dns_probe.h"

#include <gtest/gtest.h>

namespace skiff::cluster {
namespace {

TEST(DnsProbe, QueryIsAsRfc1035Draws) {
  const std::string query = dns_query("a.bc");
  const std::string question("\1a\2bc\0\0\1\0\1", 10);
  ASSERT_EQ(query.size(), 2U + 12U + question.size());
  EXPECT_EQ(static_cast<unsigned char>(query[1]), query.size() - 2);
  EXPECT_EQ(query.substr(14), question);
}

TEST(DnsProbe, OnlyARecordWithoutErrorIsAnAnswer) {
  std::string answer = dns_query("a.bc");
  EXPECT_FALSE(dns_answered(answer)) << "a question is no answer";
  answer[9] = 1;
  EXPECT_TRUE(dns_answered(answer));
  answer[5] = 3;
  EXPECT_FALSE(dns_answered(answer)) << "no such name";
  EXPECT_FALSE(dns_answered(answer.substr(0, 8)));
}

}  // namespace
}  // namespace skiff::cluster
