// SPDX-License-Identifier: Apache-2.0
#include "images/fetch.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "base/strings.h"
#include "images/build.h"
#include "model/architecture.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/net/download.h"
#include "sys/pack.h"

namespace fs = std::filesystem;

namespace skiff::images {
namespace {

constexpr std::string_view sums_name = "SHA256SUMS";
constexpr std::size_t most_sums = 1 << 20;  // bytes
// Of this release's images; empty in a build that is none.
constexpr std::string_view release_sums = SKIFF_RELEASE_SUMS;

bool is_on_the_web(const std::string& source) {
  return source.starts_with("http://") || source.starts_with("https://");
}

std::string inside(const std::string& source, std::string_view name) {
  return source + (source.ends_with('/') ? "" : "/") + std::string(name);
}

Result<std::string> sums_of(const Context& ctx, const std::string& source) {
  if (!release_sums.empty()) return std::string(release_sums);
  const std::string file = inside(source, sums_name);
  auto sums = is_on_the_web(source) ? sys::download_text(ctx, TRY(web_here()), file, most_sums) : sys::read_file(file);
  const bool is_gone = !sums.ok() && (sums.error().id == ErrorId::network || sums.error().id == ErrorId::host_error);
  if (is_gone) {
    sums.error().advice =
        "SKIFF_IMAGES names a folder that 'skiff node-image save' has written; unset it to build the images here";
  }
  return sums;
}

Result<std::string> digest_of_file(const Context& ctx, const std::string& path) {
  const auto pieces = TRY(sys::pieces_of(path));
  sys::Sha256 digest;
  for (auto piece = TRY(pieces()); !piece.empty(); piece = TRY(pieces())) {
    TRY(ctx.check());
    digest.update(piece);
  }
  return digest.hex();
}

Result<void> check_digest(const Context& ctx, const std::string& path, const std::string& wanted,
                          const std::string& origin) {
  const std::string found = TRY(digest_of_file(ctx, path));
  if (found == wanted) return {};
  const bool page = std::ifstream(path).peek() == '<';
  return make_error(ErrorId::image_invalid,
                    origin + (page ? " is a page of the web and no archive" : " is not what its digest says: " + found),
                    "Nothing of it was used; look at what SKIFF_IMAGES names");
}

// The archive on this host, and whether it is ours to remove.
struct Archive {
  std::string path;
  bool is_download = false;
};

Result<Archive> bring(const Context& ctx, const std::string& source, const std::string& name) {
  if (!is_on_the_web(source)) return Archive{inside(source, name), false};
  const std::string folder = sys::cache_folder() + "/downloads";
  TRY(sys::make_folders(folder));
  Archive archive{folder + '/' + name, true};
  constexpr std::uint64_t mib = 1 << 20;
  std::uint64_t told = 0;
  TRY(sys::download_file(ctx, TRY(web_here()), inside(source, name), archive.path,
                         [&](std::uint64_t done, std::uint64_t total) {
                           if (done / mib == std::exchange(told, done / mib)) return;
                           ctx.events->progress("fetch", "Fetching " + name + ": " + std::to_string(done / mib) +
                                                             " of " + std::to_string(total / mib) + " MiB");
                         }));
  return archive;
}

// Go's programs read the upper case first, others the lower alone.
std::string either_case(const std::string& name) {
  if (auto upper = sys::env(name)) return *upper;
  return sys::env(to_lower(name)).value_or("");
}

// "proxies": {"default": {"httpProxy": ..., "httpsProxy": ..., "noProxy": ...}}
Result<Proxies> proxies_of_docker() {
  const std::string path = sys::docker_folder() + "/config.json";
  const auto text = TRY(sys::read_file_if_there(path));
  if (!text) return Proxies();
  const auto config = parse_json(*text);
  if (!config.ok()) return make_error(ErrorId::config_invalid, path + ": " + config.error().what);
  const auto said = [&](const std::string& key) { return text_at(*config, "proxies.default." + key); };
  return Proxies{said("httpProxy"), said("httpsProxy"), said("noProxy")};
}

// Blocks of one file after another.
void append(std::string& pem, std::string_view more) {
  pem += more;
  if (!pem.empty() && pem.back() != '\n') pem += '\n';
}

std::string& authorities_of_cluster() {
  static std::string pem;
  return pem;
}

std::optional<sys::HttpProxy> asked_for(const Proxies& proxies, const sys::Url& url) {
  const auto proxy = proxy_for(proxies, url.tls, url.host, url.port);
  if (!proxy) return std::nullopt;
  const auto parts = parts_of_proxy(*proxy);
  return sys::HttpProxy{parts.host, parts.port, parts.tls, parts.user, without_password(*proxy)};
}

}  // namespace

std::string images_source() { return sys::env("SKIFF_IMAGES").value_or(""); }

Result<std::string> archive_name(const Recipe& recipe) {
  return recipe.name + '-' + TRY(content_hash(recipe)) + '-' + std::string(node_architecture) + ".tar.zst";
}

std::map<std::string, std::string> parse_sums(std::string_view text) {
  std::map<std::string, std::string> digests;
  for (const auto& line : split(text, '\n')) {
    const auto space = line.find(' ');
    if (space == std::string::npos) continue;
    const bool binary = line[std::min(space + 1, line.size() - 1)] == '*';
    digests[std::string(trim(line.substr(space + (binary ? 2 : 1))))] = line.substr(0, space);
  }
  return digests;
}

Result<bool> fetch_product(const Context& ctx, const Recipe& recipe, const std::string& folder) {
  const std::string source = images_source();
  if (source.empty()) return false;
  const std::string name = TRY(archive_name(recipe));
  const auto digests = parse_sums(TRY(sums_of(ctx, source)));
  const auto digest = digests.find(name);
  if (digest == digests.end()) {
    ctx.events->note(source + " has no " + name + "; building it");
    return false;
  }
  Step step(*ctx.events, "fetch", "Fetching " + recipe.summary);
  const Archive archive = TRY(bring(ctx, source, name));
  const auto right = check_digest(ctx, archive.path, digest->second, inside(source, name));
  const auto unpacked = right.ok() ? sys::unpack_folder(ctx, archive.path, folder) : right;
  if (archive.is_download && (unpacked.ok() || !right.ok())) TRY(sys::remove_tree(archive.path));
  TRY(unpacked);
  step.done();
  return true;
}

Result<std::vector<Recipe>> offered_recipes(const Context& ctx) {
  const std::string source = images_source();
  const auto digests = parse_sums(TRY(sums_of(ctx, source)));
  std::vector<Recipe> offered;
  for (auto& recipe : TRY(all_recipes())) {
    if (digests.contains(TRY(archive_name(recipe)))) offered.push_back(std::move(recipe));
  }
  if (!offered.empty()) return offered;
  return make_error(ErrorId::image_not_found, source + " has none of this skiff's images",
                    "Images go with the skiff that saved them: use the same version on both sides");
}

Result<std::vector<std::string>> save_products(const Context& ctx, const std::string& folder) {
  TRY(sys::make_folders(folder, 0755));
  const std::string sums_path = inside(folder, sums_name);
  const auto before = sys::read_file(sums_path);
  auto digests = parse_sums(before.ok() ? *before : "");
  std::vector<std::string> names;
  for (const auto& recipe : TRY(all_recipes())) {
    const std::string product = TRY(product_folder(recipe));
    if (!sys::exists(product)) continue;
    const std::string name = TRY(archive_name(recipe));
    const std::string path = inside(folder, name);
    names.push_back(name);
    if (const auto there = digest_of_file(ctx, path); there.ok() && *there == digests[name]) continue;
    Step step(*ctx.events, "save", "Saving " + recipe.summary);
    const std::string half = path + ".half";
    if (const auto packed = sys::pack_folder(ctx, product, half); !packed.ok()) {
      TRY(sys::remove_tree(half));
      return packed.error();
    }
    digests[name] = TRY(digest_of_file(ctx, half));
    std::error_code error;
    fs::rename(half, path, error);
    if (error) return make_error(ErrorId::host_error, "Cannot make " + path + ": " + error.message());
    step.done();
  }
  if (names.empty()) return make_error(ErrorId::image_not_found, "No image is built yet");
  std::string sums;
  for (const auto& [name, digest] : digests) sums.append(digest).append("  ").append(name).append("\n");
  TRY(sys::write_atomic(sums_path, sums, 0644));
  return names;
}

Result<Proxies> proxies_here() {
  Proxies said{either_case("HTTP_PROXY"), either_case("HTTPS_PROXY"), either_case("NO_PROXY")};
  if (!said.any()) said = TRY(proxies_of_docker());
  if (!said.any()) return Proxies();
  for (auto* proxy : {&said.http, &said.https}) {
    if (!proxy->empty()) *proxy = TRY(with_trail(parse_proxy(*proxy), "reading HTTP_PROXY and HTTPS_PROXY"));
  }
  said.past = TRY(with_trail(parse_past_proxies(said.past), "reading NO_PROXY"));
  return said;
}

WebOfCluster::WebOfCluster(const Proxies& proxies, const std::string& authorities_pem) {
  authorities_of_cluster() = authorities_pem;
  if (!proxies.any()) return;
  for (const auto& [name, value] :
       {std::pair{"HTTP_PROXY", proxies.http}, {"HTTPS_PROXY", proxies.https}, {"NO_PROXY", proxies.past}}) {
    for (const auto& spelling : {std::string(name), to_lower(name)}) {
      before_[spelling] = sys::env(spelling);
      ::setenv(spelling.c_str(), value.c_str(), 1);
    }
  }
}

WebOfCluster::~WebOfCluster() {
  authorities_of_cluster().clear();
  for (const auto& [name, value] : before_) {
    if (value) {
      ::setenv(name.c_str(), value->c_str(), 1);
    } else {
      ::unsetenv(name.c_str());
    }
  }
}

Result<std::string> authorities_here() {
  std::string pem;
  const std::string folder = sys::skiff_home() + "/certs";
  for (const auto& name : sys::list_folder(folder)) {
    if (!name.ends_with(".pem") && !name.ends_with(".crt")) continue;
    append(pem, TRY(sys::read_file(folder + "/" + name)));
  }
  append(pem, authorities_of_cluster());
  if (const auto file = sys::env("SKIFF_CA_FILE")) append(pem, TRY(sys::read_file(*file)));
  return pem;
}

Result<sys::Web> web_here() {
  sys::Web web;
  web.authorities_pem = TRY(authorities_here());
  web.proxy = [proxies = TRY(proxies_here())](const sys::Url& url) { return asked_for(proxies, url); };
  return web;
}

}  // namespace skiff::images
