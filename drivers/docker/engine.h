// SPDX-License-Identifier: Apache-2.0
// The Docker Engine API. One Engine serves all threads. An answer's status is judged here: what is not 2xx becomes an
// Error with the engine's own words, unless the caller tolerates that status.
#pragma once

#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/json.h"
#include "drivers/docker/endpoint.h"

namespace skiff::drivers::docker {

class Engine {
 public:
  // Does not connect; a failed search is reported by the first call. `patience`: for what an engine answers in
  // milliseconds, and one that has much to do within seconds.
  explicit Engine(Result<Endpoint> endpoint, Duration patience = std::chrono::seconds(30));

  struct Answer {
    int status = 0;
    std::string body;
    Json json() const;  // null when the body is not JSON
  };
  using Tolerated = std::initializer_list<int>;

  Result<Answer> send(const Context& ctx, sys::HttpRequest request, Tolerated tolerated = {});
  Result<Answer> call(const Context& ctx, std::string method, std::string path, const Json& body = nullptr,
                      Tolerated tolerated = {});
  // For what a sound engine answers at once: docker_not_running when it does not.
  Result<Json> get(const Context& ctx, std::string path);
  Result<std::optional<Json>> find(const Context& ctx, std::string path);  // nothing when the engine says 404
  // Switches the connection to a raw stream.
  Result<std::unique_ptr<sys::Stream>> open(const Context& ctx, std::string path, const Json& body);

  // GET /version and GET /info, asked once: they cost the engine about ten milliseconds each.
  Result<Json> version(const Context& ctx);
  Result<Json> info(const Context& ctx);
  bool behind_socket() const;  // of this host: the engine may well be this host's
  // The name or address at which ports that the engine publishes answer this host.
  std::string host() const;
  // The address of the engine's host at which such ports are to be bound: the one by which the engine or its sshd was
  // reached, or the loopback one where it is behind a socket. Connects when nothing has been asked yet.
  Result<std::string> bound_address(const Context& ctx);

 private:
  Result<sys::HttpResponse> checked(Result<sys::HttpResponse> response, const sys::HttpRequest& request,
                                    Tolerated tolerated) const;
  Result<std::string> prefix(const Context& ctx);  // "/v1.41", negotiated by the first call
  Result<sys::HttpResponse> prompt(const Context& ctx, const sys::HttpRequest& request);  // or docker_not_running
  Result<Json> remembered(const Context& ctx, Json& answer, const std::string& path);
  Error unreachable(Error cause) const;

  Result<Endpoint> endpoint_;
  Duration patience_;
  std::unique_ptr<sys::HttpClient> client_;
  std::mutex mutex_;    // guards the three below
  std::string prefix_;  // empty until it was negotiated
  Json version_;        // null until it was asked
  Json info_;           // null until it was asked
};

// "?filters=..." that selects by labels, each "key" or "key=value".
std::string label_filter(std::initializer_list<std::string> labels);

}  // namespace skiff::drivers::docker
