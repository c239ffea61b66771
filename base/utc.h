// SPDX-License-Identifier: Apache-2.0
// Times as text.
#pragma once

#include <ctime>
#include <string>

namespace skiff {

std::string utc_text(std::time_t time);  // RFC 3339: "2026-11-29T08:15:00Z"

}  // namespace skiff
