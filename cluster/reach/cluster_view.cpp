// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/cluster_view.h"

#include <algorithm>

#include "sys/log.h"

namespace skiff::cluster {
namespace {

// Drivers tell nothing by themselves; an Engine API call takes a third of a millisecond.
constexpr Duration between_looks = std::chrono::seconds(1);
// kube-proxy follows within tenths of a second, on a busy host within some seconds.
constexpr Duration settling_time = std::chrono::seconds(5);

bool same_nodes(const std::vector<drivers::ObservedNode>& a, const std::vector<drivers::ObservedNode>& b) {
  return std::ranges::equal(a, b, [](const drivers::ObservedNode& x, const drivers::ObservedNode& y) {
    return x.id.name == y.id.name && x.address == y.address;
  });
}

}  // namespace

std::vector<ServiceKey> keys_not_in(const std::set<ServiceKey>& listed, const ClusterView::Objects& known) {
  std::vector<ServiceKey> gone;
  for (const auto& [key, object] : known) {
    if (!listed.contains(key)) gone.push_back(key);
  }
  return gone;
}

Result<std::shared_ptr<ClusterView>> ClusterView::start(const Context& ctx, LiveCluster cluster,
                                                        const std::vector<kube::Resource>& followed) {
  const auto traits = TRY(cluster.driver->traits(ctx));
  std::shared_ptr<ClusterView> view(new ClusterView(std::move(cluster), traits.reachable_from_host));
  TRY(view->look_at_nodes(ctx));
  const auto run = [&](auto work) {
    view->threads_.emplace_back([self = view.get(), work](const std::stop_token& stop) {
      work(*self, Context{stop, Deadline::never(), &self->no_events_});
    });
  };
  for (const auto& resource : followed) view->followed_[resource.plural];
  run([](ClusterView& self, const Context& c) { self.follow_nodes(c); });
  for (const auto& resource : followed) {
    run([resource](ClusterView& self, const Context& c) { self.follow(c, resource); });
  }
  return view;
}

ClusterView::~ClusterView() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

Result<void> ClusterView::look_at_nodes(const Context& ctx) {
  auto nodes = TRY(cluster_.nodes(ctx));
  std::erase_if(nodes, [](const auto& node) { return node.state != drivers::NodeState::running; });
  const std::lock_guard lock(mutex_);
  if (same_nodes(nodes, running_)) return {};
  running_ = std::move(nodes);
  ++version_;
  changed_.notify_all();
  return {};
}

void ClusterView::follow_nodes(const Context& ctx) {
  while (ctx.pause(between_looks).ok()) {
    if (const auto looked = look_at_nodes(ctx); !looked.ok()) sys::log::warn(looked.error().what);
  }
}

void ClusterView::follow(const Context& ctx, const kube::Resource& resource) {
  // A watch that has ended, refused by the API for instance, tells nothing of what went meanwhile: the next one begins
  // with all that there is, and what it does not name then has gone.
  std::optional<std::set<ServiceKey>> listing;
  const auto forget = [&](Followed& followed, const ServiceKey& key) {
    note_changes(resource, key, nullptr);
    followed.objects.erase(key);
  };
  const auto seen = [&](std::string_view type, const Json& object) -> Result<bool> {
    const std::lock_guard lock(mutex_);
    Followed& followed = followed_[resource.plural];
    if (type == "SYNCED") {
      followed.listed = true;
      if (listing) {
        for (const auto& key : keys_not_in(*listing, followed.objects)) forget(followed, key);
      }
      listing.reset();
    } else if (const ServiceKey key = key_of(object); type == "DELETED") {
      forget(followed, key);
      if (listing) listing->erase(key);
    } else {
      if (listing) listing->insert(key);
      note_changes(resource, key, &object);
      followed.objects[key] = object;
    }
    ++version_;
    changed_.notify_all();
    return true;
  };
  do {
    listing.emplace();
    if (const auto ended = cluster_.client.watch(ctx, resource, "", "", seen); !ended.ok())
      sys::log::warn(ended.error().what);
  } while (ctx.pause(between_looks).ok());
}

// The caller holds the lock; the followed objects are as they were before. A nullptr: the object has gone.
void ClusterView::note_changes(const kube::Resource& resource, const ServiceKey& key, const Json* object) {
  if (resource.plural == slice_resource.plural) {
    const auto known = slices_.find(key);
    const Slice before = known == slices_.end() ? Slice() : known->second;
    const Slice now = object != nullptr ? read_slice(*object) : Slice();
    if (before == now) return;
    changed_at_[object != nullptr ? now.service : before.service] = std::chrono::steady_clock::now();
    object != nullptr ? void(slices_[key] = now) : void(slices_.erase(key));
  } else if (resource.plural == service_resource.plural && object != nullptr) {
    const auto& objects = followed_[resource.plural].objects;
    const auto before = objects.find(key);
    if (before != objects.end() && read_service(before->second) == read_service(*object)) return;
    changed_at_[key] = std::chrono::steady_clock::now();
  } else if (resource.plural == service_resource.plural) {
    changed_at_.erase(key);
  }
}

ClusterView::Objects ClusterView::objects(const kube::Resource& resource) const {
  const std::lock_guard lock(mutex_);
  const auto found = followed_.find(resource.plural);
  return found == followed_.end() ? Objects() : found->second.objects;
}

std::optional<Service> ClusterView::service(const ServiceKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto& objects = followed_.at(service_resource.plural).objects;
  const auto found = objects.find(key);
  if (found == objects.end()) return std::nullopt;
  return read_service(found->second);
}

Endpoints ClusterView::endpoints(const ServiceKey& key) const {
  const std::lock_guard lock(mutex_);
  Endpoints endpoints;
  for (const auto& [name, slice] : slices_) {
    if (slice.service != key) continue;
    endpoints.any = endpoints.any || !slice.nodes.empty();
    endpoints.nodes.insert(slice.nodes.begin(), slice.nodes.end());
  }
  const auto changed = changed_at_.find(key);
  endpoints.settling =
      changed != changed_at_.end() && std::chrono::steady_clock::now() - changed->second < settling_time;
  return endpoints;
}

std::vector<drivers::ObservedNode> ClusterView::running_nodes() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

Result<void> ClusterView::await_listed(const Context& ctx) const {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + ctx.deadline.left();
  const auto listed = [&] {
    return std::ranges::all_of(followed_, [](const auto& each) { return each.second.listed; });
  };
  if (changed_.wait_until(lock, ctx.stop, until, listed)) return {};
  TRY(ctx.check(ErrorId::kube_timeout));
  return make_error(ErrorId::kube_timeout, "The Kubernetes API did not answer");
}

unsigned long ClusterView::await_change(const Context& ctx, unsigned long version) const {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + ctx.deadline.left();
  changed_.wait_until(lock, ctx.stop, until, [&] { return version_ != version; });
  return version_;
}

}  // namespace skiff::cluster
