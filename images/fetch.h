// SPDX-License-Identifier: Apache-2.0
// What recipes give, from where somebody has built it already: a folder of archives and their SHA256SUMS, on this host
// or on the web. SKIFF_IMAGES names it. A release knows the digests of its own images and trusts them alone (cmake
// -DSKIFF_RELEASE_SUMS=FILE).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "images/recipe.h"
#include "model/proxies.h"
#include "sys/net/download.h"

namespace skiff::images {

// The folder or address that SKIFF_IMAGES names; empty when images are built here.
std::string images_source();

// "node-0123456789ab-amd64.tar.zst"; content_hash()'s errors.
Result<std::string> archive_name(const Recipe& recipe);

// Fills `folder` with a recipe's product; false when SKIFF_IMAGES is not set or has none for this very recipe. A
// download that was cut is gone on with. Blocks. Errors: network, disk_full, and image_invalid for an archive with
// another digest.
Result<bool> fetch_product(const Context& ctx, const Recipe& recipe, const std::string& folder);

// The recipes of this skiff whose products images_source() has. Asks it; image_not_found when there are none.
Result<std::vector<Recipe>> offered_recipes(const Context& ctx);

// Writes all products of this skiff's recipes that the cache holds into `folder`, for fetch_product() elsewhere; the
// names of their archives. What lies there with the same digest is left alone. Blocks. image_not_found when there are
// none.
Result<std::vector<std::string>> save_products(const Context& ctx, const std::string& folder);

// Pure. Digests by name, from a file as sha256sum writes it.
std::map<std::string, std::string> parse_sums(std::string_view text);

// How this host reaches the web. The proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY (lower case too), and where none
// of them is set those that Docker gives to its containers ("proxies" of its config.json). usage for what no proxy can
// be; config_invalid for that file.
Result<Proxies> proxies_here();

// While it lives, a cluster's own proxies and authorities (PEM) are those of this host, for what is fetched and for the
// programs that are started; proxies only where there are any. One at a time in a process.
class WebOfCluster {
 public:
  WebOfCluster(const Proxies& proxies, const std::string& authorities_pem);
  WebOfCluster(const WebOfCluster&) = delete;
  WebOfCluster& operator=(const WebOfCluster&) = delete;
  ~WebOfCluster();

 private:
  std::map<std::string, std::optional<std::string>> before_;  // of the environment
};

// Certificates of authorities beside the system's, PEM: the files of certs/ in skiff's home (*.pem, *.crt) and the one
// that SKIFF_CA_FILE names. host_error for what cannot be read.
Result<std::string> authorities_here();

// Both, for downloads. usage, config_invalid, host_error.
Result<sys::Web> web_here();

}  // namespace skiff::images
