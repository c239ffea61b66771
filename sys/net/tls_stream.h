// SPDX-License-Identifier: Apache-2.0
// TLS over any Stream. One thread may read while another writes, as with the stream below.
#pragma once

#include <memory>
#include <string>

#include "sys/net/http.h"

struct ssl_ctx_st;

namespace skiff::sys {

// Certificates and keys parsed once, shared by all connections. config_invalid when one of them is not PEM.
Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const Tls& tls);

// Blocks for the handshake. Errors: network; certificate_untrusted, with the reason.
Result<std::unique_ptr<Stream>> start_tls(const Context& ctx, std::unique_ptr<Stream> socket, ssl_ctx_st& tls,
                                          const std::string& server_name);

}  // namespace skiff::sys
