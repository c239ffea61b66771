// SPDX-License-Identifier: Apache-2.0
// Where exceptions of libraries become Errors: threads, clean-up and the program as a whole are guarded.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "base/result.h"

namespace skiff {

// INTERNAL: something threw that promised not to, or memory has run out.
inline Error defect(const std::string& what) { return make_error(ErrorId::internal, "A defect in skiff: " + what); }

// What `body` returns, a Result; INTERNAL when it throws.
template <class Body>
auto guarded(Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::exception& e) {
    return defect(e.what());
  } catch (...) {
    return defect("an unknown exception");
  }
}

}  // namespace skiff
