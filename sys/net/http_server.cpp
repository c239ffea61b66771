// SPDX-License-Identifier: Apache-2.0
#include "sys/net/http_server.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <cstring>

#include "base/defect.h"

namespace skiff::sys {
namespace {

namespace http = boost::beast::http;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t piece_size = 65536;
constexpr int held_back = 64 * 1024;  // bytes that a sender may be ahead of who reads

// The requests of one connection, one after another.
class Requests {
 public:
  Requests(const Context& ctx, Stream& stream) : ctx_(ctx), stream_(stream) {}

  // The head of the next one; false when the peer has left.
  Result<bool> next() {
    parser_.emplace();
    parser_->body_limit(boost::none);
    parser_->eager(true);
    while (!parser_->is_header_done()) {
      if (!TRY(advance())) return false;
    }
    return true;
  }
  const Parser::value_type& head() const { return parser_->get(); }

  Result<std::string> body() {
    while (parser_->get().body().empty() && !parser_->is_done()) {
      if (!TRY(advance())) return make_error(ErrorId::network, "The connection was closed amid a request");
    }
    return std::exchange(parser_->get().body(), {});
  }

 private:
  // Parses what is there, or reads more when that does not suffice; false when there is no more.
  Result<bool> advance() {
    boost::beast::error_code error;
    if (pending_.size() > 0) {
      std::size_t used = 0;
      try {
        used = parser_->put(pending_.cdata(), error);
      } catch (const std::exception&) {
        return make_error(ErrorId::network, "The request does not fit into memory");
      }
      pending_.consume(used);
      if (error && error != http::error::need_more) return make_error(ErrorId::network, "The request is not HTTP");
      if (used > 0) return true;
    }
    const auto space = pending_.prepare(piece_size);
    const std::size_t count = TRY(stream_.read(ctx_, {static_cast<char*>(space.data()), space.size()}));
    pending_.commit(count);
    return count > 0;
  }

  const Context& ctx_;
  Stream& stream_;
  std::optional<Parser> parser_;
  boost::beast::flat_buffer pending_;
};

std::string text_of(const HttpServer::Answer& answer) {
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " " +
                     std::string(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)))) +
                     "\r\nContent-Length: 0\r\n";
  for (const auto& [name, value] : answer.headers) text.append(name).append(": ").append(value).append("\r\n");
  return text + "\r\n";
}

Result<void> serve_all(const Context& ctx, Stream& stream, const HttpServer::Handler& handler) {
  Requests requests(ctx, stream);
  while (TRY(requests.next())) {
    const auto& head = requests.head();
    HttpServer::Request request{std::string(head.method_string()), std::string(head.target()),
                                [&] { return requests.body(); }};
    const auto answer = TRY(handler(ctx, request));
    while (!TRY(requests.body()).empty()) {
    }
    TRY(stream.write(ctx, text_of(answer)));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const Context& ctx, Handler handler) {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const named = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  ::setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &held_back, sizeof held_back);
  if (::bind(listener.get(), named, size) != 0 || ::listen(listener.get(), 64) != 0 ||
      ::getsockname(listener.get(), named, &size) != 0) {
    return make_error(ErrorId::host_error, std::string("Cannot listen on 127.0.0.1: ") + std::strerror(errno));
  }
  return std::unique_ptr<HttpServer>(
      new HttpServer(ctx, std::move(handler), std::move(listener), ntohs(address.sin_port)));
}

HttpServer::HttpServer(const Context& ctx, Handler handler, UniqueFd listener, std::uint16_t port)
    : outer_stop_(ctx.stop, [this] { stop_.request_stop(); }),
      ctx_{stop_.get_token(), ctx.deadline, ctx.events},
      handler_(std::move(handler)),
      listener_(std::move(listener)),
      port_(port),
      acceptor_([this] { accept_all(); }) {}

HttpServer::~HttpServer() {
  stop_.request_stop();
  acceptor_.join();
}

void HttpServer::accept_all() {
  while (wait_ready(ctx_, listener_.get(), POLLIN).ok()) {
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) continue;
    connections_.emplace_back([this, socket = std::make_shared<Socket>(fd)] {
      // What goes wrong on a connection is seen by who awaits something of it.
      (void)guarded([&] { return serve_all(ctx_, *socket, handler_); });
    });
  }
}

}  // namespace skiff::sys
