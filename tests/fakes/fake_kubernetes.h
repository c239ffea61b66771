// SPDX-License-Identifier: Apache-2.0
// A Kubernetes API in memory, over TLS on 127.0.0.1 with client certificates, with what kubelets and controllers make
// of its objects (fake_controllers.h). It knows the paths of every kind: get, list, watch, create, replace, server-side
// apply, merge patch, delete, eviction. For use from several threads.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/fakes/fake_controllers.h"
#include "tests/fakes/http_server.h"
#include "tests/fakes/object_store.h"

namespace skiff::fakes {

// What becomes of a call: it passes; it is refused and nothing happens; it happens, but its caller is told that it
// failed.
enum class Verdict { pass, refuse, lose };

class FakeKubernetes {
 public:
  // Asked before each request: "GET /api/v1/nodes", "WATCH /api/v1/pods"; paths are without their query.
  using Gate = std::function<Verdict(const std::string& call)>;
  explicit FakeKubernetes(Gate gate);
  ~FakeKubernetes();

  struct Endpoint {
    sys::test::Identity own;
    std::string client_authority;  // who may come
    std::uint16_t port = 0;
  };
  void serve(const Endpoint& endpoint);
  void stop();  // the objects stay
  bool serving() const { return server_ != nullptr; }

  void set_kubelets(std::vector<FakeKubelet> kubelets);
  // A look at the objects, or a change as some other client would make it.
  template <class Body>
  auto with(Body body) {
    const std::lock_guard lock(mutex_);
    if constexpr (std::is_void_v<decltype(body(store_))>) {
      body(store_);
      changed();
    } else {
      auto result = body(store_);
      changed();
      return result;
    }
  }

 private:
  struct Request;
  struct Answer {
    int status = 200;
    Json body;
  };
  void serve_connection(sys::test::Peer& peer);
  Answer act(const Request& request);
  Answer change(const Request& request);
  void stream(sys::test::Peer& peer, const Request& request);
  void changed();  // with mutex_ held

  Gate gate_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable news_;
  ObjectStore store_;
  std::vector<FakeKubelet> kubelets_;
  bool closing_ = true;                        // nothing runs: neither server nor controllers
  std::unique_ptr<sys::test::Server> server_;  // of serve() and stop() only
};

}  // namespace skiff::fakes
