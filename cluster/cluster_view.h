// A cluster as it is now, kept in memory by threads that follow it: its running nodes and its objects of some kinds.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cluster/service.h"
#include "cluster/services.h"

namespace skiff::cluster {

inline const kube::Resource service_resource{"v1", "services", true};
inline const kube::Resource ingress_resource{"networking.k8s.io/v1", "ingresses", true};

class ClusterView {
 public:
  // Asks the driver once; the objects come later. Errors: those of open_profile() and of the driver.
  static Result<std::shared_ptr<ClusterView>> start(const Context& ctx, const Services& services,
                                                    const std::string& profile,
                                                    const std::vector<kube::Resource>& followed);
  ~ClusterView();
  ClusterView(const ClusterView&) = delete;
  ClusterView& operator=(const ClusterView&) = delete;

  const ClusterSpec& spec() const { return opened_.spec; }
  drivers::Driver& driver() const { return *opened_.driver; }
  kube::Client& client() { return client_; }
  bool reachable_from_host() const { return reachable_; }

  using Objects = std::map<ServiceKey, Json>;
  Objects objects(const kube::Resource& resource) const;
  std::optional<Service> service(const ServiceKey& key) const;
  std::vector<drivers::ObservedNode> running_nodes() const;

  // Blocks until every followed kind was listed once.
  Result<void> await_listed(const Context& ctx) const;
  // Blocks until something differs from what it was at that version, or `ctx` ends; the version now.
  unsigned long await_change(const Context& ctx, unsigned long version) const;

 private:
  ClusterView(Opened opened, const kube::Access& access, bool reachable)
      : opened_(std::move(opened)), client_(access), reachable_(reachable) {}
  void follow_nodes(const Context& ctx);
  void follow(const Context& ctx, const kube::Resource& resource);
  Result<void> look_at_nodes(const Context& ctx);

  struct Followed {
    Objects objects;
    bool listed = false;
  };

  Opened opened_;
  kube::Client client_;
  bool reachable_;
  NoEvents no_events_;
  mutable std::mutex mutex_;  // guards what follows, but not the threads
  mutable std::condition_variable_any changed_;
  std::map<std::string, Followed> followed_;  // by plural
  std::vector<drivers::ObservedNode> running_;
  unsigned long version_ = 1;
  std::vector<std::jthread> threads_;
};

}  // namespace skiff::cluster
