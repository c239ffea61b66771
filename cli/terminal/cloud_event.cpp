// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/cloud_event.h"

#include "base/utc.h"
#include "sys/hash.h"

namespace skiff::cli {
namespace {

// A random UUID, as RFC 9562 writes it.
std::string random_uuid() {
  const std::string hex = sys::random_hex(16);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-a" + hex.substr(17, 3) + "-" +
         hex.substr(20);
}

}  // namespace

JsonObject cloud_event(std::string_view source, std::string_view type, JsonObject data) {
  return {{"specversion", "1.0"},
          {"id", random_uuid()},
          {"source", source},
          {"type", type},
          {"time", utc_text(std::time(nullptr))},
          {"datacontenttype", "application/json"},
          {"data", std::move(data)}};
}

}  // namespace skiff::cli
