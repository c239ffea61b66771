// SPDX-License-Identifier: Apache-2.0
// One connection to a libvirt daemon, opened at its first use. Safe from any thread.
#pragma once

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "drivers/libvirt/library.h"

namespace skiff::drivers::libvirt {

inline constexpr std::string_view default_uri = "qemu:///system";

class Connection {
 public:
  explicit Connection(std::string uri) : uri_(uri.empty() ? default_uri : std::move(uri)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Connects when that has not been done. tool_not_found, libvirt_not_running, libvirt_permission, config_invalid (the
  // URI), unsupported (a daemon without machines or networks of its own). Also checks `ctx`: every call begins with it.
  Result<virConnectPtr> open(const Context& ctx);
  // Whether open() has succeeded; does not wait for one that is under way.
  bool is_open() const { return is_open_; }
  // Only after open() has succeeded.
  const Library& api() const { return *library_; }

  const std::string& uri() const { return uri_; }
  // The other host on which the daemon runs, as the URI names it; empty: this one.
  std::string host() const;
  bool is_local() const { return host().empty(); }
  // Whether QEMU has to play the processor because the host offers no hardware virtualisation. Connected only.
  bool emulated();

  // What libvirt said last in this thread.
  Error failure(const std::string& doing) const;
  // The last error is that something of that kind is absent (VIR_ERR_NO_DOMAIN, ...).
  bool last_error_is(virErrorNumber code) const;

  // Takes ownership of what libvirt has handed out; an Error when that is nothing.
  template <class T>
  Result<Handle<T>> take(T* pointer, int (*give_back)(T*), const std::string& doing) const {
    if (pointer == nullptr) return failure(doing);
    return Handle<T>(pointer, give_back);
  }
  // The same, where one way to fail means that it is not there.
  template <class T>
  Result<std::optional<Handle<T>>> look(T* pointer, int (*give_back)(T*), virErrorNumber absent,
                                        const std::string& doing) const {
    if (pointer != nullptr) return std::optional(Handle<T>(pointer, give_back));
    if (last_error_is(absent)) return std::optional<Handle<T>>();
    return failure(doing);
  }
  // All that one of libvirt's listing functions finds with its owner, a connection or a pool.
  template <class Owner, class T>
  Result<std::vector<Handle<T>>> list_all(Owner* owner, int (*list)(Owner*, T***, unsigned), int (*give_back)(T*),
                                          const std::string& doing) const {
    T** found = nullptr;
    const int count = list(owner, &found, 0);
    TRY(done(count, doing));
    std::vector<Handle<T>> handles;
    for (int i = 0; i < count; ++i) handles.emplace_back(found[i], give_back);
    std::free(found);
    return handles;
  }
  // The result of a call that tells success by a number that is not negative.
  Result<void> done(int result, const std::string& doing) const {
    return result < 0 ? Result<void>(failure(doing)) : Result<void>();
  }
  // A text that libvirt has allocated.
  Result<std::string> text(char* allocated, const std::string& doing) const;

 private:
  Result<virConnectPtr> connect();

  std::string uri_;
  std::atomic<bool> is_open_ = false;
  std::mutex mutex_;  // guards what follows while it is set
  const Library* library_ = nullptr;
  virConnectPtr connection_ = nullptr;
  std::optional<bool> emulated_;
};

}  // namespace skiff::drivers::libvirt
