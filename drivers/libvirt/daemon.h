// SPDX-License-Identifier: Apache-2.0
// A libvirt daemon for callers who may have to leave it: libvirt's calls heed neither a stop request nor a deadline,
// and a daemon that hangs, or is behind a path that is dead, answers none of them.
#pragma once

#include <mutex>

#include "base/abandon.h"
#include "drivers/libvirt/connection.h"
#include "drivers/libvirt/machine.h"

namespace skiff::drivers::libvirt {

struct Parts {
  explicit Parts(std::string uri) : connection(std::move(uri)), machines(connection) {}
  Connection connection;
  Machines machines;
};

template <class T>
struct ValueOf;
template <class T>
struct ValueOf<Result<T>> {
  using Type = T;
};

class Daemon {
 public:
  // `connect_limit`: ssh may ask the user for something.
  explicit Daemon(std::string uri, Duration connect_limit = std::chrono::minutes(1))
      : uri_(std::move(uri)), connect_limit_(connect_limit), parts_(std::make_shared<Parts>(uri_)) {}

  // Calls `work(ctx, parts)`, a Result, connected, on a thread of its own, and leaves it behind when it does not end
  // within `grace` after it should; so `work` owns what it uses. The next call then makes a connection of its own.
  // libvirt_not_running when the daemon does not take the connection in time.
  template <class Work>
  auto run(const Context& ctx, Work work, Duration grace = std::chrono::seconds(5))
      -> std::invoke_result_t<Work&, const Context&, Parts&> {
    using Value = typename ValueOf<std::invoke_result_t<Work&, const Context&, Parts&>>::Type;
    const auto parts = current();
    if (auto opened = open(ctx, parts); !opened.ok()) return std::move(opened).error();
    auto done = abandonable<Value>(ctx, grace, [parts, work](const Context& c) mutable { return work(c, *parts); });
    if (!done.ok() && !ctx.check().ok()) leave(parts);  // something may still wait on it
    return done;
  }

 private:
  std::shared_ptr<Parts> current();
  Duration connect_limit();
  Result<void> open(const Context& ctx, const std::shared_ptr<Parts>& parts);
  void leave(const std::shared_ptr<Parts>& parts);

  std::string uri_;
  Duration connect_limit_;
  std::mutex mutex_;  // guards what follows
  std::shared_ptr<Parts> parts_;
  bool silent_ = false;  // calls were left, and it has taken no connection since: it gets little time to
};

}  // namespace skiff::drivers::libvirt
