// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/daemon.h"

#include <algorithm>

namespace skiff::drivers::libvirt {

std::shared_ptr<Parts> Daemon::current() {
  const std::lock_guard lock(mutex_);
  return parts_;
}

void Daemon::leave(const std::shared_ptr<Parts>& parts) {
  const std::lock_guard lock(mutex_);
  if (parts_ == parts) parts_ = std::make_shared<Parts>(uri_);
  silent_ = true;
}

Duration Daemon::connect_limit() {
  constexpr Duration short_limit = std::chrono::seconds(10);
  const std::lock_guard lock(mutex_);
  return silent_ ? std::min(short_limit, connect_limit_) : connect_limit_;
}

Result<void> Daemon::open(const Context& ctx, const std::shared_ptr<Parts>& parts) {
  if (parts->connection.is_open()) return {};
  const Duration limit = connect_limit();
  auto opened = abandonable<void>(ctx.within(limit), Duration(0), [parts](const Context& c) -> Result<void> {
    TRY(parts->connection.open(c));
    return {};
  });
  if (opened.ok()) {
    const std::lock_guard lock(mutex_);
    silent_ = false;
    return {};
  }
  const auto id = opened.error().id;
  if (id != ErrorId::timeout && id != ErrorId::interrupted) return opened;
  leave(parts);
  if (id == ErrorId::interrupted || ctx.deadline.passed()) return opened;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
  return make_error(ErrorId::libvirt_not_running, "libvirt at " + parts->connection.uri() + " has not answered for " +
                                                      std::to_string(seconds) + " s");
}

}  // namespace skiff::drivers::libvirt
