// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP/1.1 client over unix sockets, TCP and TLS. Connections are kept and reused; a client may be used from
// many threads. Errors: network (cannot connect, broken off), certificate_untrusted, proxy_refused, permission
// (socket not ours to open), timeout, interrupted. An HTTP status of the server is never an Error: the caller judges
// it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sys/net/stream.h"

namespace skiff::sys {

struct Tls {
  std::string ca_pem;    // the only authority trusted; empty = the system's
  std::string cert_pem;  // client certificate, may be empty
  std::string key_pem;
  std::string server_name;       // name or address that the server's certificate must have
  std::string more_ca_pem = {};  // trusted beside the system's
};

// What stands between this host and a server, and is asked for it.
struct HttpProxy {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;     // to the proxy itself
  std::string user;     // "ann:secret"; empty = none
  std::string told_as;  // for people, without the password
};

struct HttpTarget {
  std::string unix_path;  // when set, host and port are unused
  std::string host;
  std::uint16_t port = 0;
  std::optional<Tls> tls;
  std::optional<HttpProxy> proxy = {};  // of TCP connections alone
  // Called when nobody listens at unix_path, and makes that somebody does; its error is the connection's.
  std::function<Result<void>(const Context&)> open = {};
};

struct HttpRequest {
  // NOLINTBEGIN(readability-redundant-member-init): GCC warns where a designated initializer leaves others out
  std::string method = "GET";
  std::string path = "/";  // with query
  std::map<std::string, std::string> headers = {};
  std::string body = {};
  // When set, the body is sent chunked from here instead; an empty string ends it.
  std::function<Result<std::string>(const Context&)> body_source = {};
  // NOLINTEND(readability-redundant-member-init)
};

struct HttpResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class HttpClient {
 public:
  explicit HttpClient(HttpTarget target);  // does not connect
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // The whole answer. A request is sent again once when a kept connection turns out to be closed; a POST is not: it
  // gets a connection of its own.
  Result<HttpResponse> send(const Context& ctx, const HttpRequest& request);

  // Hands the answer's body to `sink` piece by piece as it arrives; the sink returns false when it has enough.
  // An answer with status 300 or more is collected in the response instead.
  using Sink = std::function<Result<bool>(std::string_view)>;
  Result<HttpResponse> stream(const Context& ctx, const HttpRequest& request, const Sink& sink);

  // Switches protocols (status 101, or 200 as the Docker engine does): the connection is the caller's from then on.
  struct Upgraded {
    HttpResponse response;
    std::unique_ptr<Stream> stream;  // null when the status was neither
  };
  Result<Upgraded> upgrade(const Context& ctx, const HttpRequest& request);

  // The server's address as the newest connection had it; empty before the first one, and for a unix socket.
  std::string peer_address() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The status by which a proxy asks for a password (RFC 9110, 15.5.8), and the proxy_refused that follows from any.
inline constexpr int proxy_wants_password = 407;
Error refused_by(const HttpProxy& proxy, int status);

std::string url_encode(std::string_view text);

}  // namespace skiff::sys
