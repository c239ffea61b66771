// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server on a free port of 127.0.0.1, for programs of this host that skiff itself has asked to call.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "sys/net/socket_stream.h"
#include "sys/unique_fd.h"

namespace skiff::sys {

class HttpServer {
 public:
  struct Request {
    std::string method;
    std::string target;                         // with query
    std::function<Result<std::string>()> body;  // its next piece; an empty one ends it
  };
  struct Answer {
    int status = 200;
    std::map<std::string, std::string> headers;  // it has no body
  };
  // Called on a thread of the connection's own; what it leaves of a body is read and dropped.
  using Handler = std::function<Result<Answer>(const Context&, Request&)>;

  static Result<std::unique_ptr<HttpServer>> start(const Context& ctx, Handler handler);  // host_error
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();  // stops every handler's context, and waits for them
  std::uint16_t port() const { return port_; }

 private:
  HttpServer(const Context& ctx, Handler handler, UniqueFd listener, std::uint16_t port);
  void accept_all();

  std::stop_source stop_;
  std::stop_callback<std::function<void()>> outer_stop_;
  Context ctx_;
  Handler handler_;
  UniqueFd listener_;
  std::uint16_t port_;
  std::list<std::jthread> connections_;  // only accept_all() adds to it
  std::jthread acceptor_;
};

}  // namespace skiff::sys
