// SPDX-License-Identifier: Apache-2.0
#include "sys/net/download.h"

#include <charconv>
#include <filesystem>
#include <fstream>

#include "base/strings.h"

namespace skiff::sys {
namespace {

constexpr int most_redirections = 5;

Error refused(const std::string& url, const HttpResponse& response) {
  return make_error(ErrorId::network, url + " answers with the HTTP status " + std::to_string(response.status));
}

std::string header(const HttpResponse& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? std::string() : found->second;
}

// Where a redirection leads, seen from the URL that answered it.
std::string redirected(const Url& from, const std::string& location) {
  if (!location.starts_with('/')) return location;
  return std::string(from.tls ? "https://" : "http://") + from.host + ':' + std::to_string(from.port) + location;
}

struct Answer {
  std::string url;  // that answered at last
  HttpResponse response;
};

// With a null `sink` the answer's body is in the response.
Result<Answer> ask(const Context& ctx, const Web& web, std::string url, HttpRequest request,
                   const HttpClient::Sink& sink) {
  for (int turn = 0; turn <= most_redirections; ++turn) {
    const Url target = TRY(parse_url(url));
    HttpTarget server{.unix_path = {}, .host = target.host, .port = target.port, .tls = {}};
    if (target.tls) {
      server.tls = Tls{
          .ca_pem = {}, .cert_pem = {}, .key_pem = {}, .server_name = target.host, .more_ca_pem = web.authorities_pem};
    }
    if (web.proxy) server.proxy = web.proxy(target);
    const auto proxy = server.proxy;
    HttpClient client(std::move(server));
    request.path = target.path;
    auto response =
        TRY(with_trail(sink ? client.stream(ctx, request, sink) : client.send(ctx, request), "asking " + url));
    const std::string location = header(response, "location");
    if (proxy && response.status == proxy_wants_password) return refused_by(*proxy, response.status);
    if (response.status < 300) return Answer{std::move(url), std::move(response)};
    if (response.status >= 400 || location.empty()) return refused(url, response);
    url = redirected(target, location);
  }
  return make_error(ErrorId::network, url + " is the end of too many redirections");
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const auto invalid = [&] {
    return make_error(ErrorId::usage, "'" + std::string(text) + "' is no http:// or https:// URL");
  };
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return invalid();
  }
  const auto slash = rest.find('/');
  url.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
  const std::string_view authority = rest.substr(0, slash);
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  url.host = authority.substr(0, has_port ? colon : std::string_view::npos);
  url.port = url.tls ? 443 : 80;
  if (has_port) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    if (error != std::errc() || end != digits.data() + digits.size() || url.port == 0) return invalid();
  }
  const bool plain = text.find_first_of(" \t\r\n@") == std::string_view::npos;
  if (url.host.empty() || !plain) return invalid();
  return url;
}

Result<std::string> download_text(const Context& ctx, const Web& web, const std::string& url, std::size_t most) {
  std::string text;
  bool too_long = false;
  TRY(ask(ctx, web, url, {}, [&](std::string_view piece) -> Result<bool> {
    text += piece;
    too_long = text.size() > most;
    return !too_long;
  }));
  if (too_long) return make_error(ErrorId::network, url + " is longer than " + std::to_string(most) + " bytes");
  return text;
}

Result<void> download_file(const Context& ctx, const Web& web, const std::string& url, const std::string& path,
                           const DownloadProgress& progress) {
  HttpRequest head;
  head.method = "HEAD";
  const Answer there = TRY(ask(ctx, web, url, head, nullptr));
  const std::uint64_t total = number(header(there.response, "content-length"));
  std::error_code error;
  std::uint64_t done = std::filesystem::file_size(path, error);
  const bool goes_on = !error && done > 0 && done < total && header(there.response, "accept-ranges") == "bytes";
  if (!error && done > 0 && done == total) return {};
  if (!goes_on) done = 0;

  std::ofstream file(path, std::ios::binary | (goes_on ? std::ios::app : std::ios::trunc));
  HttpRequest get;
  if (goes_on) get.headers["Range"] = "bytes=" + std::to_string(done) + '-';
  const auto cannot_write = [&] {
    return make_error(ErrorId::disk_full, "Cannot write " + path, "Make room there, and run the same command again");
  };
  if (!file) return cannot_write();
  const Answer answer = TRY(ask(ctx, web, there.url, get, [&](std::string_view piece) -> Result<bool> {
    file << piece;
    if (!file) return cannot_write();
    done += piece.size();
    progress(done, total);
    return true;
  }));
  file.close();
  if (!file) return cannot_write();
  if (total == 0 || done == total) return {};
  if (goes_on && answer.response.status != 206) std::filesystem::remove(path, error);  // it began anew amid the file
  return make_error(ErrorId::network,
                    url + " was cut: " + std::to_string(done) + " of " + std::to_string(total) + " bytes");
}

}  // namespace skiff::sys
