#include "drivers/libvirt/library.h"

#include <dlfcn.h>

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
  return library;
}

}  // namespace

Result<const Library*> library() {
  static const Result<Library> opened = open();
  if (!opened.ok()) return opened.error();
  return &*opened;
}

}  // namespace skiff::drivers::libvirt
