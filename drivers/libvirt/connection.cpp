// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/connection.h"

#include <algorithm>
#include <cstdlib>

#include "drivers/common/publish.h"
#include "sys/files.h"

namespace skiff::drivers::libvirt {

namespace {

Error refused(const std::string& uri, const virError& error) {
  const std::string reason = error.message != nullptr ? error.message : "unknown reason";
  const auto make = [&](ErrorId id, const std::string& what, const std::string& advice = {}) {
    Error made = make_error(id, what, advice);
    made.trail.push_back(reason);
    return made;
  };
  const auto says = [&](std::string_view part) { return reason.find(part) != std::string::npos; };
  if (error.code == VIR_ERR_AUTH_FAILED || error.code == VIR_ERR_AUTH_UNAVAILABLE ||
      error.code == VIR_ERR_AUTH_CANCELLED || error.code == VIR_ERR_ACCESS_DENIED || says("Permission denied") ||
      says("polkit") || says("system bus")) {  // the daemon asks polkit there
    return make(ErrorId::libvirt_permission, "This user may not use libvirt at " + uri);
  }
  if (error.code == VIR_ERR_NO_CONNECT || error.code == VIR_ERR_INVALID_ARG ||
      error.code == VIR_ERR_CONFIG_UNSUPPORTED || error.code == VIR_ERR_XML_ERROR || says("unable to parse URI") ||
      says("transport in URL not recognised")) {
    return make(ErrorId::config_invalid, "'" + uri + "' is not a libvirt URI that works here",
                "Use qemu:///system, or leave --libvirt-uri out");
  }
  return make(ErrorId::libvirt_not_running, "libvirt cannot be reached at " + uri);
}

// A KVM that does without the processor's help runs only kernels made for it, and libvirt cannot tell it from the real
// one.
bool has_virtualisation(std::string_view cpuinfo) {
  return cpuinfo.find(" vmx") != std::string_view::npos || cpuinfo.find(" svm") != std::string_view::npos;
}

}  // namespace

Connection::~Connection() {
  if (connection_ != nullptr) library_->virConnectClose(connection_);
}

Result<virConnectPtr> Connection::open(const Context& ctx) {
  TRY(ctx.check());
  const std::lock_guard lock(mutex_);
  if (connection_ == nullptr) connection_ = TRY(connect());
  is_open_ = true;
  return connection_;
}

Result<virConnectPtr> Connection::connect() {
  library_ = TRY(library());
  if (uri_.substr(0, uri_.find('?')).ends_with("/session")) {
    return make_error(ErrorId::unsupported, "A user's own libvirt (" + uri_ + ") cannot make networks",
                      "Use --libvirt-uri=qemu:///system");
  }
  const virConnectPtr made = library_->virConnectOpen(uri_.c_str());
  if (made == nullptr) return refused(uri_, *library_->virGetLastError());
  // A path that is silent for so long ends the connection, and whatever waits for an answer on it. Not all daemons know
  // the messages (VIR_ERR_NO_SUPPORT, and a result of 1): those are waited for.
  constexpr int interval_seconds = 10;
  constexpr unsigned unanswered = 4;
  (void)library_->virConnectSetKeepAlive(made, interval_seconds, unanswered);
  const char* type = library_->virConnectGetType(made);
  if (type != nullptr && (std::string_view(type) == "QEMU" || std::string_view(type) == "TEST")) return made;
  library_->virConnectClose(made);
  return make_error(ErrorId::unsupported, uri_ + " leads to " + (type != nullptr ? type : "something unknown") +
                                              ", and skiff's machines need QEMU");
}

// "qemu+ssh://me@build.test:2222/system" -> "build.test"
std::string Connection::host() const {
  const auto begin = uri_.find("://");
  if (begin == std::string::npos) return {};
  std::string authority = uri_.substr(begin + 3);
  authority.resize(std::min(authority.find_first_of("/?"), authority.size()));
  if (const auto user = authority.rfind('@'); user != std::string::npos) authority.erase(0, user + 1);
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

bool Connection::emulated() {
  const std::lock_guard lock(mutex_);
  const bool here = is_loopback(host());
  if (!emulated_ && here && !has_virtualisation(sys::read_file("/proc/cpuinfo").value_or(""))) emulated_ = true;
  if (!emulated_) {
    char* found = library_->virConnectGetDomainCapabilities(connection_, nullptr, "x86_64", "q35", "kvm", 0);
    emulated_ = found == nullptr;
    std::free(found);
  }
  return *emulated_;
}

Error Connection::failure(const std::string& doing) const {
  const virError* last = library_->virGetLastError();
  const std::string reason = last != nullptr && last->message != nullptr ? last->message : "unknown reason";
  const bool full = reason.find("No space left on device") != std::string::npos;
  return make_error(full ? ErrorId::disk_full : ErrorId::libvirt_error, "libvirt could not " + doing + ": " + reason);
}

bool Connection::last_error_is(virErrorNumber code) const {
  const virError* last = library_->virGetLastError();
  return last != nullptr && last->code == code;
}

Result<std::string> Connection::text(char* allocated, const std::string& doing) const {
  if (allocated == nullptr) return failure(doing);
  std::string copy(allocated);
  std::free(allocated);
  return copy;
}

}  // namespace skiff::drivers::libvirt
