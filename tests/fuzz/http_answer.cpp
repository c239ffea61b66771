// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <mutex>

#include "sys/net/http.h"
#include "targets.h"
#include "tests/fakes/http_server.h"

namespace skiff::fuzz {
namespace {

using namespace skiff::sys;

// Of the server to whatever it is asked. One that is no longer waited for may still be written.
std::mutex mutex;
std::shared_ptr<const std::string> current;

std::shared_ptr<const std::string> answer() {
  const std::lock_guard lock(mutex);
  return current;
}

void check(const HttpResponse& response) {
  must_hold(response.status >= 200 && response.status <= 999, "a status is a final one");
  must_hold(response.body.size() <= answer()->size(), "a body is what came");
  for (const auto& [name, value] : response.headers) {
    must_hold(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }), "names are in lower case");
    must_hold(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
  }
}

}  // namespace

void http_answer(std::string_view input) {
  static test::Server server([](test::Peer& peer, int) {
    if (!peer.read_head().empty()) peer.write(*answer());
  });
  static HttpClient client({.unix_path = server.path(), .host = {}, .port = 0, .tls = {}});
  {
    const std::lock_guard lock(mutex);
    current = std::make_shared<const std::string>(input);
  }
  NoEvents events;
  const Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
  const auto whole = client.send(ctx, {});
  must_hold(whole.ok() || whole.error().id == ErrorId::network, "an answer ends, or is refused");
  if (whole.ok()) check(*whole);

  std::string pieces;
  const auto streamed = client.stream(ctx, {}, [&](std::string_view piece) -> Result<bool> {
    pieces += piece;
    return true;
  });
  must_hold(streamed.ok() == whole.ok(), "in pieces or as a whole, an answer is one or none");
  if (!whole.ok()) return;
  must_hold(whole->status == streamed->status && whole->headers == streamed->headers, "the head is the same");
  must_hold(whole->body == (whole->status < 300 ? pieces : streamed->body), "and the body");
}

}  // namespace skiff::fuzz
