// SPDX-License-Identifier: Apache-2.0
// One line of -o json: a CloudEvent 1.0 in its JSON format.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace skiff::cli {

// With an id of its own and the time of now.
JsonObject cloud_event(std::string_view source, std::string_view type, JsonObject data);

}  // namespace skiff::cli
