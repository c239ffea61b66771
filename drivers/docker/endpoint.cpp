// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/endpoint.h"

#include "base/json.h"
#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::drivers::docker {

namespace {

constexpr std::string_view local_socket = "unix:///var/run/docker.sock";

// The three files that docker keeps in such a folder; each may be absent.
Result<sys::Tls> read_tls(const std::string& folder) {
  sys::Tls tls;
  tls.ca_pem = TRY(sys::read_file_if_there(folder + "/ca.pem")).value_or("");
  tls.cert_pem = TRY(sys::read_file_if_there(folder + "/cert.pem")).value_or("");
  tls.key_pem = TRY(sys::read_file_if_there(folder + "/key.pem")).value_or("");
  return tls;
}

Error bad_url(const std::string& url) {
  return make_error(ErrorId::config_invalid, "'" + url + "' is not a Docker endpoint",
                    "Use unix:///path/of/socket, tcp://host:port or ssh://user@host");
}

Result<Endpoint> endpoint_of(const std::string& url, std::optional<sys::Tls> tls) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string::npos) return bad_url(url);
  const std::string scheme = url.substr(0, scheme_end);
  std::string rest = url.substr(scheme_end + 3);
  if (scheme == "unix") return Endpoint{url, {rest, "", 0, std::nullopt}};
  if (scheme == "ssh") {
    const SshTunnel tunnel = TRY(ssh_tunnel(url));
    Endpoint endpoint{url, {tunnel.socket, "", 0, std::nullopt}, tunnel};
    endpoint.target.open = [tunnel](const Context& ctx) { return open(ctx, tunnel); };
    return endpoint;
  }
  if (scheme != "tcp" && scheme != "http" && scheme != "https") return bad_url(url);
  if (scheme == "https" && !tls) tls.emplace();

  rest.erase(std::min(rest.find('/'), rest.size()));
  const auto colon = rest.find(':', rest.starts_with('[') ? rest.find(']') : 0);
  std::string host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  long long port = tls ? 2376 : 2375;  // the ports that IANA gave to Docker
  if (colon != std::string::npos) port = parse_int(rest.substr(colon + 1), "port").value_or(0);
  if (host.empty() || port < 1 || port > 65535) return bad_url(url);
  return Endpoint{url, {"", host, static_cast<std::uint16_t>(port), std::move(tls)}};
}

Error with_path(Error error, const std::string& path) {
  error.what = path + ": " + error.what;
  return error;
}

Result<Json> read_json(const std::string& path) {
  auto value = parse_json(TRY(sys::read_file(path)));
  if (!value.ok()) return with_path(std::move(value).error(), path);
  return value;
}

Result<std::string> current_context() {
  if (const auto name = sys::env("DOCKER_CONTEXT")) return *name;
  // The docker command goes on without a file that says nothing, and so does skiff; only one that says something else
  // than JSON might have named another engine.
  const std::string path = sys::docker_folder() + "/config.json";
  const std::string text = TRY(sys::read_file_if_there(path)).value_or("");
  std::string_view bare = text;
  if (bare.starts_with("\xef\xbb\xbf")) bare.remove_prefix(3);  // a byte order mark, as editors of Windows write it
  if (trim(bare).empty()) return std::string("default");
  auto value = parse_json(bare);
  if (!value.ok()) return with_path(std::move(value).error(), path);
  return text_at(*value, "currentContext", "default");
}

Result<Endpoint> endpoint_of_context(const std::string& name) {
  const std::string id = sys::sha256_hex(name);  // docker names the context's folders so
  const std::string meta = sys::docker_folder() + "/contexts/meta/" + id + "/meta.json";
  if (!sys::exists(meta)) {
    return make_error(ErrorId::config_invalid, "The Docker context '" + name + "' does not exist",
                      "Choose another with 'docker context use', or set DOCKER_HOST");
  }
  const std::string url = text_at(TRY(read_json(meta)), "Endpoints.docker.Host", local_socket);
  const std::string tls_folder = sys::docker_folder() + "/contexts/tls/" + id + "/docker";
  if (sys::exists(tls_folder)) return endpoint_of(url, TRY(read_tls(tls_folder)));
  return endpoint_of(url, std::nullopt);
}

}  // namespace

Result<Endpoint> find_endpoint() {
  if (const auto url = sys::env("DOCKER_HOST")) {
    if (!sys::env("DOCKER_TLS_VERIFY")) return endpoint_of(*url, std::nullopt);
    return endpoint_of(*url, TRY(read_tls(sys::env("DOCKER_CERT_PATH").value_or(sys::docker_folder()))));
  }
  const std::string context = TRY(current_context());
  if (context.empty() || context == "default") return endpoint_of(std::string(local_socket), std::nullopt);
  return endpoint_of_context(context);
}

}  // namespace skiff::drivers::docker
