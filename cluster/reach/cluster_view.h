// SPDX-License-Identifier: Apache-2.0
// A cluster as it is now, kept in memory by threads that follow it: its running nodes and its objects of some kinds.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cluster/reach/service.h"
#include "cluster/store/home.h"

namespace skiff::cluster {

inline const kube::Resource ingress_resource{"networking.k8s.io/v1", "ingresses", true};

// Where the connections of a service can end.
struct Endpoints {
  std::set<std::string> nodes;  // that have an endpoint which takes connections
  bool any = false;             // also one on no node
  bool settling = false;        // it or the service has changed a moment ago: the nodes' rules may have yet to follow
};

class ClusterView {
 public:
  // Asks the driver once; the objects come later. Errors: those of the driver.
  static Result<std::shared_ptr<ClusterView>> start(const Context& ctx, LiveCluster cluster,
                                                    const std::vector<kube::Resource>& followed);
  ~ClusterView();
  ClusterView(const ClusterView&) = delete;
  ClusterView& operator=(const ClusterView&) = delete;

  const ClusterSpec& spec() const { return cluster_.spec; }
  drivers::Driver& driver() const { return *cluster_.driver; }
  kube::Client& client() { return cluster_.client; }
  LiveCluster& cluster() { return cluster_; }
  bool reachable_from_host() const { return reachable_; }

  using Objects = std::map<ServiceKey, Json>;
  Objects objects(const kube::Resource& resource) const;
  std::optional<Service> service(const ServiceKey& key) const;
  Endpoints endpoints(const ServiceKey& key) const;  // needs slice_resource to be followed
  std::vector<drivers::ObservedNode> running_nodes() const;

  // Blocks until every followed kind was listed once.
  Result<void> await_listed(const Context& ctx) const;
  // Blocks until something differs from what it was at that version, or `ctx` ends; the version now.
  unsigned long await_change(const Context& ctx, unsigned long version) const;

 private:
  ClusterView(LiveCluster cluster, bool reachable) : cluster_(std::move(cluster)), reachable_(reachable) {}
  void follow_nodes(const Context& ctx);
  void follow(const Context& ctx, const kube::Resource& resource);
  Result<void> look_at_nodes(const Context& ctx);
  void note_changes(const kube::Resource& resource, const ServiceKey& key, const Json* object);

  struct Followed {
    Objects objects;
    bool listed = false;
  };

  LiveCluster cluster_;
  bool reachable_;
  NoEvents no_events_;
  mutable std::mutex mutex_;  // guards what follows, but not the threads
  mutable std::condition_variable_any changed_;
  std::map<std::string, Followed> followed_;                                // by plural
  std::map<ServiceKey, Slice> slices_;                                      // by their own names
  std::map<ServiceKey, std::chrono::steady_clock::time_point> changed_at_;  // of services
  std::vector<drivers::ObservedNode> running_;
  unsigned long version_ = 1;
  std::vector<std::jthread> threads_;
};

// What was known and is not in a new listing.
std::vector<ServiceKey> keys_not_in(const std::set<ServiceKey>& listed, const ClusterView::Objects& known);

}  // namespace skiff::cluster
