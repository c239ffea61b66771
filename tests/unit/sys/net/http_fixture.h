// SPDX-License-Identifier: Apache-2.0
// What the tests of the HTTP client share.
#pragma once

#include <gtest/gtest.h>

#include "sys/net/http.h"
#include "tests/fakes/http_server.h"

namespace skiff::sys {

inline constexpr std::size_t big = 50 * 1024 * 1024;

class Http : public ::testing::Test {
 protected:
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(20)), &events};

  static HttpTarget unix_target(const test::Server& server) { return {server.path(), "", 0, std::nullopt}; }
};

inline std::function<Result<std::string>(const Context&)> source_of(std::size_t total) {
  return [left = total](const Context&) mutable -> Result<std::string> {
    const std::size_t size = std::min<std::size_t>(left, 1 << 20);
    left -= size;
    return std::string(size, 'x');
  };
}

inline void echo_requests(test::Peer& peer, int connection) {
  for (;;) {
    const std::string head = peer.read_head();
    if (head.empty()) return;
    peer.answer(std::to_string(connection) + ' ' + head.substr(0, head.find('\r')));
  }
}

}  // namespace skiff::sys
