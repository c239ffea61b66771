// SPDX-License-Identifier: Apache-2.0
// A server for tests of HTTP clients: a handler per connection, on a unix socket or on 127.0.0.1, there also with TLS.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace skiff::sys::test {

struct Identity {
  std::string cert_pem;
  std::string key_pem;
};
// A self-signed P-256 certificate; `san` as OpenSSL writes it: "IP:127.0.0.1", "DNS:node".
Identity make_identity(const std::string& san);

// One accepted connection, blocking.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string read_some() = 0;  // empty at the end
  virtual void write(std::string_view bytes) = 0;

  // The head of the next request with its blank line; empty when the client has left. Body bytes stay in `rest`.
  std::string read_head();
  // Reads a chunked body to its end; its size.
  std::size_t read_chunked_body();
  void answer(std::string_view body, std::string_view status = "200 OK");
  std::string rest;
};

class Server {
 public:
  using Handler = std::function<void(Peer&, int connection)>;  // connections are numbered from 0
  explicit Server(Handler handler);                            // on a unix socket
  struct Loopback {};
  Server(Handler handler, Loopback how);  // on any free port of 127.0.0.1
  // With TLS on `port` (0: any that is free); others may hold it too, with SO_REUSEPORT and without listening.
  Server(Handler handler, const Identity& own, std::optional<std::string> required_client_pem, std::uint16_t port = 0);
  ~Server();
  const std::string& path() const;
  std::uint16_t port() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace skiff::sys::test
