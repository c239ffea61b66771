// SPDX-License-Identifier: Apache-2.0
// A provider with machines in memory (FakeDriver) in which clusters really come up: a control plane that runs serves a
// Kubernetes API, with the certificate and the authorities that its tree of files has brought, and what etcd holds lies
// in the storage of its machine: it outlives a stop, and goes when the storage does. Every call of a driver and every
// request to an API passes one gate, where tests let it fail. As text it can be kept and handed to another process.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cluster/store/home.h"
#include "tests/fakes/fake_driver.h"
#include "tests/fakes/fake_kubernetes.h"

namespace skiff::fakes {

class FakeWorld {
 public:
  // A machine's storage: there from its first start on, also when the machine itself has gone.
  struct Volume {
    ClusterId cluster;
    std::string content;  // another one each time that storage is made
    bool control_plane = false;
  };

  FakeWorld();
  ~FakeWorld();
  FakeWorld(const FakeWorld&) = delete;
  FakeWorld& operator=(const FakeWorld&) = delete;

  // This skiff's own node images, for all versions of Kubernetes, as if they had been built.
  void add_own_images();
  // The profiles below `home`, and drivers of this world: "docker"'s machines are here, other drivers have none.
  cluster::Home home(const std::string& home);
  std::unique_ptr<drivers::Driver> driver();

  // Asked before every call: "driver ensure_node lab-cp1", "PATCH /api/v1/nodes/lab-cp1"; from any thread.
  std::function<Verdict(const std::string& call)> gate;

  // Change these between calls only; then settle() makes what follows from it.
  FakeDriver provider;
  std::map<std::string, Volume> volumes;  // by node
  void settle();
  // "docker rm": the storage stays.
  void lose_machine(const std::string& node);
  // What etcd of this cluster holds; null when it has no storage.
  FakeKubernetes* kubernetes(const std::string& cluster);

  // The port at which this cluster's API answers whenever it runs; kept free by this object.
  std::uint16_t port_of(const std::string& cluster);

  std::string to_text();               // also while calls go on
  void load(const std::string& text);  // starts what ran

 private:
  friend class WorldDriver;
  struct Port {
    explicit Port(std::uint16_t wanted = 0);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();
    std::uint16_t number;
    int fd;
  };

  // Runs a driver's call: `body` with the world to itself.
  template <class Body>
  auto call(const std::string& name, Body body) -> decltype(body()) {
    return call_beside(name, [&] {
      const std::lock_guard lock(mutex_);
      auto done = body();
      note_changes();
      return done;
    });
  }
  // The same for what waits for others: it locks by itself.
  template <class Body>
  auto call_beside(const std::string& name, Body body) -> decltype(body()) {
    const Verdict verdict = pass("driver " + name);
    if (verdict == Verdict::refuse) return make_error(ErrorId::docker_error, "The provider refuses '" + name + "'");
    auto result = body();
    settle();
    if (verdict == Verdict::lose) return make_error(ErrorId::docker_error, "The provider went away in '" + name + "'");
    return result;
  }
  Verdict pass(const std::string& name) { return gate ? gate(name) : Verdict::pass; }
  std::optional<int> command(const drivers::NodeId& id, const drivers::ExecRequest& request);
  bool dns_answers(const std::string& cluster, std::string_view address);
  // Both with mutex_ held.
  void note_changes();
  void remove_volume(const std::string& node);
  std::string other_control_plane(const std::string& node);  // of its cluster, with storage; empty without

  std::mutex settling_;               // taken before mutex_
  std::mutex mutex_;                  // guards what follows, and what a driver's call changes
  std::map<std::string, int> boots_;  // by node: which boot of all its last one was
  std::set<std::string> running_;     // when this last looked
  int boots_made_ = 0;
  int volumes_made_ = 0;
  // By the name of one of the control planes that hold it together: one API and one etcd, as long as any has storage.
  std::map<std::string, std::unique_ptr<FakeKubernetes>> kubernetes_;
  std::vector<std::unique_ptr<FakeKubernetes>> removed_;
  std::map<std::string, Port> ports_;
};

}  // namespace skiff::fakes
