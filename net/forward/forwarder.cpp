// SPDX-License-Identifier: Apache-2.0
#include "net/forward/forwarder.h"

#include <fcntl.h>
#include <sys/resource.h>

#include "net/forward/forward.h"
#include "net/listen.h"

namespace skiff::net {
namespace {

// A connection takes two descriptors, and the customary soft limit of 1,024 would end at 500 of them.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Result<std::unique_ptr<Forwarder>> Forwarder::start(const ForwarderOptions& options) {
  raise_descriptor_limit();
  auto parts = std::make_unique<ForwarderParts>();
  parts->options = options;
  parts->loop = TRY(EventLoop::start());
  parts->relays = std::make_shared<NodeRelays>(*parts->loop, options.relay_idle);
  return std::unique_ptr<Forwarder>(new Forwarder(std::move(parts)));
}

Forwarder::Forwarder(std::unique_ptr<ForwarderParts> parts) : parts_(std::move(parts)) {}

Forwarder::~Forwarder() {
  parts_->loop->call([this] {
    forwards_.clear();
    parts_->relays.reset();
  });
}

Result<ListenPoint> Forwarder::add(const ListenPoint& point, std::shared_ptr<RouteSource> routes) {
  return adopt(TRY(bind_socket(point)), std::move(routes));
}

Result<ListenPoint> Forwarder::adopt(sys::UniqueFd bound, std::shared_ptr<RouteSource> routes) {
  const ListenPoint at = TRY(listen_point_of(bound.get()));
  ::fcntl(bound.get(), F_SETFL, ::fcntl(bound.get(), F_GETFL) | O_NONBLOCK);
  const auto make = at.protocol == Protocol::tcp ? make_tcp_forward : make_udp_forward;
  TRY(parts_->loop->call([&]() -> Result<void> {
    auto forward = make(*parts_, at, std::move(bound), std::move(routes));
    TRY(forward->start());
    forwards_[at] = std::move(forward);
    return {};
  }));
  return at;
}

void Forwarder::close(const ListenPoint& point) {
  parts_->loop->call([&] { forwards_.erase(point); });
}

std::optional<ForwardStatus> Forwarder::status(const ListenPoint& point) {
  return parts_->loop->call([&]() -> std::optional<ForwardStatus> {
    const auto found = forwards_.find(point);
    if (found == forwards_.end()) return std::nullopt;
    return found->second->status();
  });
}

std::vector<ForwardStatus> Forwarder::status() {
  return parts_->loop->call([this] {
    std::vector<ForwardStatus> all;
    all.reserve(forwards_.size());
    for (const auto& [point, forward] : forwards_) all.push_back(forward->status());
    return all;
  });
}

}  // namespace skiff::net
