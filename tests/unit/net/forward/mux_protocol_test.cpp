// SPDX-License-Identifier: Apache-2.0
#include "net/forward/mux_protocol.h"

#include <gtest/gtest.h>

namespace skiff::net {
namespace {

TEST(MuxProtocol, FramesComeOutAsTheyWentInHoweverTheyAreCut) {
  std::string bytes;
  append_frame(bytes, {FrameKind::open, 1, "tcp 10.96.3.4:80"});
  append_frame(bytes, {FrameKind::data, 0x01020304, std::string(300, 'x')});
  append_frame(bytes, {FrameKind::end, 7, ""});
  append_credit(bytes, 9, 70000);
  EXPECT_EQ(bytes.substr(0, 9), std::string("\x01\0\0\0\x01\0\0\0\x10", 9)) << "the layout that the relay reads";
  for (std::size_t cut = 1; cut <= bytes.size(); ++cut) {
    FrameReader reader;
    std::string seen;
    for (std::size_t at = 0; at < bytes.size(); at += cut) {
      reader.feed(std::string_view(bytes).substr(at, cut));
      while (const auto frame = reader.next()) append_frame(seen, *frame);
    }
    ASSERT_TRUE(seen == bytes) << cut;
    EXPECT_FALSE(reader.broken());
  }
}

TEST(MuxProtocol, CreditIsANumber) {
  std::string bytes;
  append_credit(bytes, 9, 70000);
  FrameReader reader;
  reader.feed(bytes);
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->kind, FrameKind::credit);
  EXPECT_EQ(read_credit(frame->payload), 70000U);
  EXPECT_EQ(read_credit("no"), 0U);
}

TEST(MuxProtocol, WhatIsNoFrameIsNoticed) {
  for (const auto& bytes : {std::string("OCI runtime exec failed"), std::string("\x03\0\0\0\x01\x7F\0\0\0", 9)}) {
    FrameReader reader;
    reader.feed(bytes);
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.broken());
  }
}

}  // namespace
}  // namespace skiff::net
