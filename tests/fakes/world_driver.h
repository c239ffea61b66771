// SPDX-License-Identifier: Apache-2.0
// A driver handed out by a FakeWorld: each call passes the world's gate and changes its machines.
#pragma once

#include <memory>

#include "drivers/driver.h"

namespace skiff::fakes {

class FakeWorld;
std::unique_ptr<drivers::Driver> make_world_driver(FakeWorld& world);

}  // namespace skiff::fakes
