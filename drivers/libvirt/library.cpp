// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/library.h"

#include <dlfcn.h>

#include <system_error>
#include <thread>

namespace skiff::drivers::libvirt {

namespace {

constexpr const char* advice =
    "Run 'sudo apt install libvirt-daemon-system qemu-system-x86 qemu-utils', or the like on your distribution";

Result<Library> open() {
  void* object = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) return make_error(ErrorId::tool_not_found, "libvirt is not installed", advice);
  Library library;
  const char* missing = nullptr;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(object, name));
    if (function == nullptr) missing = name;
  };
#define SKIFF_LIBVIRT_FIND(name) find(library.name, #name);
  SKIFF_LIBVIRT_FUNCTIONS(SKIFF_LIBVIRT_FIND)
#undef SKIFF_LIBVIRT_FIND
  if (missing != nullptr) {
    return make_error(ErrorId::tool_not_found, std::string("The installed libvirt is too old: it has no ") + missing,
                      "Install libvirt 6.0 or newer");
  }
  library.virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});  // it would print each error to stderr
  // Keepalive messages, by which a dead path is noticed, are sent from this loop. It lives as long as the process.
  if (library.virEventRegisterDefaultImpl() == 0) {
    try {
      std::thread([run = library.virEventRunDefaultImpl] {
        while (run() == 0) continue;
      }).detach();
    } catch (const std::system_error& error) {
      return make_error(ErrorId::host_error, std::string("Cannot start a thread: ") + error.what());
    }
  }
  return library;
}

}  // namespace

Result<const Library*> library() {
  static const Result<Library> opened = open();
  if (!opened.ok()) return opened.error();
  return &*opened;
}

}  // namespace skiff::drivers::libvirt
