// Nodes as virtual machines of libvirt and QEMU, with kernels of their own. Not in the list of drivers yet: no cluster
// has been brought up on it.
#pragma once

#include <memory>
#include <string>

#include "drivers/driver.h"

namespace skiff::drivers {

// `uri` is where libvirt is; empty = qemu:///system. Never fails and never blocks: connecting is check()'s business.
std::unique_ptr<Driver> make_libvirt_driver(const std::string& uri);

}  // namespace skiff::drivers
