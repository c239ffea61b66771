// SPDX-License-Identifier: Apache-2.0
// An API server for tests: over TLS, with client certificates as the real one, and a script for its answers.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "kube/kubeconfig.h"
#include "tests/fakes/http_server.h"

namespace skiff::kube::test {

struct Request {
  std::string method;
  std::string path;  // with query
  std::map<std::string, std::string> headers;
  std::string body;
};

// One answer in the making.
class Answer {
 public:
  explicit Answer(sys::test::Peer& peer) : peer_(peer) {}
  void json(const Json& body, int status = 200, const std::string& more_headers = {});
  void text(const std::string& body, int status);

  void start_stream();
  void event(const std::string& type, const Json& object);
  void piece(const std::string& bytes);
  void end_stream();
  void wait_for_client_to_leave();
  void break_off();  // the connection ends without an end of the answer

  bool keep = true;  // the connection goes on

 private:
  sys::test::Peer& peer_;
};

class FakeApi {
 public:
  using Script = std::function<void(const Request&, Answer&)>;
  explicit FakeApi(Script script);

  Access access() const;
  std::vector<Request> requests() const;

 private:
  void serve(sys::test::Peer& peer);

  Authorities authorities_;
  Script script_;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::unique_ptr<sys::test::Server> server_;
};

}  // namespace skiff::kube::test
