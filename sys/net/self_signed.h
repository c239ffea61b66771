// SPDX-License-Identifier: Apache-2.0
// An identity that vouches for itself: two sides that both hold it recognise each other by it.
#pragma once

#include <string>

#include "base/result.h"

namespace skiff::sys {

struct SelfSigned {
  std::string cert_pem;  // P-256; serves as server's and as client's certificate, and as the authority of both
  std::string key_pem;
};

// `name` is the host name that it is valid for. It has no limit in time: the two sides' clocks may differ by years.
Result<SelfSigned> make_self_signed(const std::string& name);

}  // namespace skiff::sys
