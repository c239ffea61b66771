// SPDX-License-Identifier: Apache-2.0
// Errors on their way between two processes of skiff, as their ids.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"

namespace skiff::net {

std::optional<ErrorId> error_id(std::string_view name);  // of "PORT_IN_USE"

}  // namespace skiff::net
