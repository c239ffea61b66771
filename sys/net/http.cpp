// SPDX-License-Identifier: Apache-2.0
#include "sys/net/http.h"

#include <poll.h>

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <mutex>
#include <vector>

#include "base/strings.h"
#include "sys/net/socket_stream.h"
#include "sys/net/tls_stream.h"

namespace skiff::sys {

namespace {

namespace http = boost::beast::http;

// Text that makes no room for what Content-Length announces, but for what comes.
struct Body {
  using value_type = std::string;
  class reader {
   public:
    template <bool request, class Fields>
    reader(http::header<request, Fields>&, std::string& text) : text_(text) {}
    void init(const boost::optional<std::uint64_t>&, boost::beast::error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      error = {};
      const std::size_t before = text_.size();
      for (const auto piece : boost::beast::buffers_range_ref(buffers)) {
        text_.append(static_cast<const char*>(piece.data()), piece.size());
      }
      return text_.size() - before;
    }
    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    std::string& text_;
  };
};

struct Parser : http::response_parser<Body> {
  Parser() {
    header_limit(64 * 1024);
    body_limit(boost::none);
  }
};

constexpr std::size_t piece_size = 65536;
constexpr std::size_t most_kept = 16;

struct Connection {
  std::unique_ptr<Stream> stream;
  int fd = -1;                        // of the socket below `stream`
  boost::beast::flat_buffer pending;  // bytes that arrived behind what was parsed

  // Nothing may arrive between two exchanges: readable means that the server has closed it.
  bool usable() const {
    pollfd watched{fd, POLLIN, 0};
    return poll(&watched, 1, 0) == 0;
  }
};

// A connection after a protocol switch.
class UpgradedStream final : public Stream {
 public:
  explicit UpgradedStream(Connection connection) : connection_(std::move(connection)) {}
  Result<std::size_t> read(const Context& ctx, std::span<char> buffer) override {
    auto& pending = connection_.pending;
    if (pending.size() == 0) return connection_.stream->read(ctx, buffer);
    const std::size_t count = std::min(buffer.size(), pending.size());
    std::copy_n(static_cast<const char*>(pending.cdata().data()), count, buffer.data());
    pending.consume(count);
    return count;
  }
  Result<void> write(const Context& ctx, std::string_view bytes) override {
    return connection_.stream->write(ctx, bytes);
  }
  Result<void> close_write(const Context& ctx) override { return connection_.stream->close_write(ctx); }

 private:
  Connection connection_;
};

std::string head_of(const HttpTarget& target, const HttpRequest& request) {
  const std::string place = target.host + ':' + std::to_string(target.port);
  // A proxy that is no tunnel wants all of the address, and is told who asks with each request.
  const bool by_proxy = target.proxy && !target.tls;
  std::string head = request.method + ' ' + (by_proxy ? "http://" + place : "") + request.path + " HTTP/1.1\r\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Host", target.unix_path.empty() ? place : "localhost");
  add("User-Agent", "skiff/" SKIFF_VERSION);
  for (const auto& [name, value] : request.headers) add(name, value);
  if (by_proxy && !target.proxy->user.empty()) add("Proxy-Authorization", "Basic " + base64_encode(target.proxy->user));
  if (request.body_source) {
    add("Transfer-Encoding", "chunked");
  } else if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
    add("Content-Length", std::to_string(request.body.size()));
  }
  return head + "\r\n";
}

std::string chunk_of(std::string_view piece) {
  std::array<char, 20> size{};
  const int length = std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  std::string chunk(size.data(), static_cast<std::size_t>(length));
  return chunk.append(piece).append("\r\n");
}

// PATCH need not be idempotent, but what skiff sends by it (merges, server-side applies) is.
bool may_be_repeated(const HttpRequest& request) { return !request.body_source && request.method != "POST"; }

HttpResponse response_of(Parser& parser) {
  HttpResponse response;
  response.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    auto& value = response.headers[to_lower({field.name_string().data(), field.name_string().size()})];
    if (!value.empty()) value += ", ";
    value.append(field.value().data(), field.value().size());
  }
  response.body = std::move(parser.get().body());
  return response;
}

// One request and its answer on one connection.
class Exchange {
 public:
  Exchange(const HttpTarget& target, const HttpRequest& request, Connection connection)
      : target_(target), request_(request), connection_(std::move(connection)) {}

  bool answered() const { return answered_; }  // at least one byte came
  bool reusable() const { return reusable_; }
  Connection take_connection() { return std::move(connection_); }

  Result<void> send(const Context& ctx) {
    Result<void> sent = connection_.stream->write(ctx, head_of(target_, request_) + request_.body);
    bool more = static_cast<bool>(request_.body_source);
    while (sent.ok() && more) {
      const std::string piece = TRY(request_.body_source(ctx));
      sent = connection_.stream->write(ctx, chunk_of(piece));
      more = !piece.empty();
    }
    if (!sent.ok() && sent.error().id == ErrorId::network) {
      refused_ = std::move(sent).error();  // the server may have said why before it stopped reading
      return {};
    }
    return sent;
  }

  Result<HttpResponse> receive(const Context& ctx, const HttpClient::Sink& sink) {
    auto response = receive_final(refused_ ? ctx.within(std::chrono::seconds(2)) : ctx, sink);
    if (!response.ok() && refused_) return std::move(*refused_);
    return response;
  }

  // Reads the head alone when the server switches protocols, else the whole answer.
  Result<HttpResponse> receive_switch(const Context& ctx) {
    if (refused_) return std::move(*refused_);
    Parser parser;
    while (!parser.is_header_done()) TRY(advance(ctx, parser));
    switched_ = parser.get().result_int() == 101 || parser.get().result_int() == 200;
    if (switched_) return response_of(parser);
    return receive_body(ctx, parser, nullptr);
  }
  bool switched() const { return switched_; }

 private:
  Result<HttpResponse> receive_final(const Context& ctx, const HttpClient::Sink& sink) {
    for (;;) {
      Parser parser;
      parser.skip(request_.method == "HEAD");
      while (!parser.is_header_done()) TRY(advance(ctx, parser));
      if (parser.get().result_int() >= 200) return receive_body(ctx, parser, sink);
    }
  }

  Result<HttpResponse> receive_body(const Context& ctx, Parser& parser, const HttpClient::Sink& sink) {
    parser.eager(true);
    const bool streamed = sink && parser.get().result_int() < 300;
    while (!parser.is_done()) {
      TRY(advance(ctx, parser));
      auto& piece = parser.get().body();
      if (streamed && !piece.empty()) {
        if (!TRY(sink(piece))) return response_of(parser);
        piece.clear();
      }
    }
    reusable_ = parser.keep_alive() && connection_.pending.size() == 0 && !refused_;
    return response_of(parser);
  }

  // Parses what is there, or reads more when that does not suffice.
  Result<void> advance(const Context& ctx, Parser& parser) {
    auto& pending = connection_.pending;
    boost::beast::error_code error;
    if (pending.size() > 0) {
      const std::size_t used = parser.put(pending.cdata(), error);
      pending.consume(used);
      if (error && error != http::error::need_more) return malformed(error);
      if (used > 0) return {};
    }
    const auto space = pending.prepare(piece_size);
    const std::size_t count = TRY(connection_.stream->read(ctx, {static_cast<char*>(space.data()), space.size()}));
    pending.commit(count);
    if (count > 0) {
      answered_ = true;
      return {};
    }
    if (parser.got_some()) parser.put_eof(error);
    if (error || !parser.is_done()) return make_error(ErrorId::network, "The connection was closed amid an answer");
    return {};
  }

  static Error malformed(const boost::beast::error_code& error) {
    return make_error(ErrorId::network, "The answer is not HTTP: " + error.message());
  }

  const HttpTarget& target_;
  const HttpRequest& request_;
  Connection connection_;
  std::optional<Error> refused_;
  bool answered_ = false;
  bool reusable_ = false;
  bool switched_ = false;
};

}  // namespace

struct HttpClient::Impl {
  HttpTarget target;
  std::mutex mutex;
  std::vector<Connection> kept;
  std::shared_ptr<ssl_ctx_st> tls;
  std::string peer_address;

  std::optional<Connection> take() {
    const std::lock_guard lock(mutex);
    while (!kept.empty()) {
      Connection connection = std::move(kept.back());
      kept.pop_back();
      if (connection.usable()) return connection;
    }
    return std::nullopt;
  }

  void keep(Connection connection) {
    const std::lock_guard lock(mutex);
    if (kept.size() < most_kept) kept.push_back(std::move(connection));
  }

  Result<std::shared_ptr<ssl_ctx_st>> tls_context(const Tls& settings) {
    const std::lock_guard lock(mutex);
    if (!tls) tls = TRY(make_tls_context(settings));
    return tls;
  }

  Result<Connection> connect(const Context& ctx) {
    auto connection = TRY(target.proxy ? with_trail(by_proxy(ctx), "asking the proxy " + target.proxy->told_as)
                                       : kept_address(connect_socket(ctx)));
    if (!target.tls) return connection;
    const auto context = TRY(tls_context(*target.tls));
    const std::string& name = target.tls->server_name.empty() ? target.host : target.tls->server_name;
    connection.stream = TRY(start_tls(ctx, std::move(connection.stream), *context, name));
    return connection;
  }

  Result<std::unique_ptr<Socket>> connect_socket(const Context& ctx) {
    if (target.unix_path.empty()) return Socket::connect_tcp(ctx, target.host, target.port);
    auto connected = Socket::connect_unix(ctx, target.unix_path);
    if (connected.ok() || connected.error().id != ErrorId::network || !target.open) return connected;
    TRY(target.open(ctx));
    return Socket::connect_unix(ctx, target.unix_path);
  }

  Result<Connection> kept_address(Result<std::unique_ptr<Socket>> connected) {
    auto socket = TRY(std::move(connected));
    const int fd = socket->fd();
    const std::lock_guard lock(mutex);
    peer_address = socket->peer_address();
    return Connection{std::move(socket), fd, {}};
  }

  // To the proxy, by TLS where it wants that, and through it to a server with TLS (RFC 9110, 9.3.6).
  Result<Connection> by_proxy(const Context& ctx) {
    const HttpProxy& proxy = *target.proxy;
    auto connection = TRY(kept_address(Socket::connect_tcp(ctx, proxy.host, proxy.port)));
    if (proxy.tls) {
      Tls trusted;
      if (target.tls) trusted.more_ca_pem = target.tls->more_ca_pem;
      const auto context = TRY(make_tls_context(trusted));
      connection.stream = TRY(start_tls(ctx, std::move(connection.stream), *context, proxy.host));
    }
    if (!target.tls) return connection;
    HttpRequest ask;
    ask.method = "CONNECT";
    ask.path = target.host + ':' + std::to_string(target.port);
    if (!proxy.user.empty()) ask.headers["Proxy-Authorization"] = "Basic " + base64_encode(proxy.user);
    const HttpTarget tunnel{{}, target.host, target.port, {}};
    Exchange once(tunnel, ask, std::move(connection));
    TRY(once.send(ctx));
    const auto answer = TRY(once.receive_switch(ctx));
    if (!once.switched()) return refused_by(proxy, answer.status);
    return once.take_connection();
  }

  // Runs `receive` on an exchange over a kept connection, and once more over a new one when the kept one turns out to
  // be closed. What may be done once only gets a new connection at once: a body that comes from a source, and a method
  // that is not idempotent (RFC 9110, 9.2.2), of which nobody could tell whether the server has acted on it.
  template <class Receive>
  auto exchange(const Context& ctx, const HttpRequest& request, Receive receive)
      -> decltype(receive(std::declval<Exchange&>())) {
    const auto attempt = [&](Exchange& once) -> decltype(receive(once)) {
      TRY(once.send(ctx));
      return receive(once);
    };
    if (auto connection = may_be_repeated(request) ? take() : std::nullopt) {
      Exchange once(target, request, std::move(*connection));
      auto result = attempt(once);
      if (result.ok() || once.answered() || result.error().id != ErrorId::network) return result;
    }
    Exchange once(target, request, TRY(connect(ctx)));
    return attempt(once);
  }
};

Error refused_by(const HttpProxy& proxy, int status) {
  if (status == proxy_wants_password) {
    return make_error(
        ErrorId::proxy_refused,
        "The proxy " + proxy.told_as + (proxy.user.empty() ? " asks for a password" : " takes another password"));
  }
  return make_error(ErrorId::proxy_refused,
                    "The proxy " + proxy.told_as + " refuses, with the HTTP status " + std::to_string(status),
                    "Ask whoever runs the proxy to let this host through; name the server in NO_PROXY where it is "
                    "reached without");
}

HttpClient::HttpClient(HttpTarget target) : impl_(std::make_unique<Impl>()) { impl_->target = std::move(target); }
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const Context& ctx, const HttpRequest& request) {
  return stream(ctx, request, nullptr);
}

Result<HttpResponse> HttpClient::stream(const Context& ctx, const HttpRequest& request, const Sink& sink) {
  return impl_->exchange(ctx, request, [&](Exchange& once) {
    auto response = once.receive(ctx, sink);
    if (response.ok() && once.reusable()) impl_->keep(once.take_connection());
    return response;
  });
}

Result<HttpClient::Upgraded> HttpClient::upgrade(const Context& ctx, const HttpRequest& request) {
  return impl_->exchange(ctx, request, [&](Exchange& once) -> Result<Upgraded> {
    Upgraded upgraded{TRY(once.receive_switch(ctx)), nullptr};
    if (once.switched()) upgraded.stream = std::make_unique<UpgradedStream>(once.take_connection());
    if (once.reusable()) impl_->keep(once.take_connection());
    return upgraded;
  });
}

std::string HttpClient::peer_address() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->peer_address;
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
  }
  return out;
}

}  // namespace skiff::sys
