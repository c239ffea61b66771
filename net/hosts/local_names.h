// SPDX-License-Identifier: Apache-2.0
// Which host names a cluster may map to this host without a question: those that cannot be anybody's on the Internet.
// Decided from the name alone, without asking DNS, so that the same Ingress means the same everywhere.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace skiff::net {

// Names that RFC 2606 and RFC 6761 reserve (.test, .example, .localhost, .invalid, example.com, .net and .org), and
// .local, which most charts have as their example. In any case.
bool is_local_name(std::string_view host);

// A host name, or "*.corp.example" for every name below that one, or "*" for all.
Result<void> check_host_pattern(std::string_view pattern);
bool matches_any(std::string_view host, std::span<const std::string> patterns);

}  // namespace skiff::net
