// SPDX-License-Identifier: Apache-2.0
// Files from the web to disk, by HTTP or HTTPS, through a proxy where there is one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sys/net/http.h"

namespace skiff::sys {

// Pure. usage when it is no http:// or https:// URL.
struct Url {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string path;  // with query; at least "/"
};
Result<Url> parse_url(std::string_view text);

// How this host reaches the web.
struct Web {
  std::function<std::optional<HttpProxy>(const Url&)> proxy = {};  // that is asked for an URL; unset = never any
  std::string authorities_pem = {};                                // trusted beside the system's
};

// A small file as a text, of at most `most` bytes. Follows redirections. Blocks. Errors: usage, network (no connection,
// an HTTP status of 300 or more, too long), proxy_refused, certificate_untrusted.
Result<std::string> download_text(const Context& ctx, const Web& web, const std::string& url, std::size_t most);

// Writes the file to `path`, and goes on where an earlier call was cut if the server can do that. Complete only when
// this succeeds. `progress` is told how many bytes of how many are there (0: the server does not say). Blocks. Errors
// as above, and those of files.
using DownloadProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;
Result<void> download_file(const Context& ctx, const Web& web, const std::string& url, const std::string& path,
                           const DownloadProgress& progress);

}  // namespace skiff::sys
