// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/engine.h"

#include <algorithm>

#include "base/strings.h"
#include "drivers/docker/phrases.h"

namespace skiff::drivers::docker {

namespace {

// Engine API versions as numbers: 1.41 (Docker 20.10) is the oldest with private cgroup namespaces, 1.47 (Docker 27)
// the newest that this code was written against.
constexpr long long oldest = 41;
constexpr long long newest = 47;

long long minor_of(std::string_view version) {
  const auto dot = version.find('.');
  return dot == std::string_view::npos ? 0 : parse_int(version.substr(dot + 1), "API version").value_or(0);
}

Result<std::string> choose_version(const std::string& theirs) {
  if (minor_of(theirs) < oldest) {
    return make_error(ErrorId::docker_unsupported,
                      "The Docker engine has API version " + theirs + "; 1." + std::to_string(oldest) + " is needed");
  }
  return "/v1." + std::to_string(std::min(minor_of(theirs), newest));
}

Error refusal(const sys::HttpRequest& request, const sys::HttpResponse& response) {
  const auto parsed = parse_json(response.body);
  std::string message = parsed.ok() ? text_at(*parsed, "message") : std::string(trim(response.body));
  if (message.empty()) message = "HTTP status " + std::to_string(response.status);
  const bool full = says(message, Phrase::disk_full);
  Error error = make_error(full ? ErrorId::disk_full : ErrorId::docker_error, "Docker: " + message);
  error.trail.push_back(request.method + " " + request.path.substr(0, request.path.find('?')));
  return error;
}

}  // namespace

Json Engine::Answer::json() const { return parse_json(body).value_or(nullptr); }

Engine::Engine(Result<Endpoint> endpoint, Duration patience) : endpoint_(std::move(endpoint)), patience_(patience) {
  if (endpoint_.ok()) client_ = std::make_unique<sys::HttpClient>(endpoint_->target);
}

bool Engine::behind_socket() const { return endpoint_.ok() && !endpoint_->target.unix_path.empty() && !endpoint_->ssh; }

std::string Engine::host() const {
  if (behind_socket() || !endpoint_.ok()) return "127.0.0.1";
  return endpoint_->ssh ? endpoint_->ssh->host : endpoint_->target.host;
}

Result<std::string> Engine::bound_address(const Context& ctx) {
  if (behind_socket()) return std::string("127.0.0.1");
  TRY(prefix(ctx));
  if (endpoint_->ssh) return address_there(ctx, *endpoint_->ssh);
  std::string address = client_->peer_address();
  if (!address.empty()) return address;
  return make_error(ErrorId::docker_not_running, "The connection to Docker at " + endpoint_->url + " has no far end");
}

Error Engine::unreachable(Error cause) const {
  const auto as = [&](ErrorId id, const std::string& what, const std::string& advice = "") {
    Error error = make_error(id, what, advice);
    error.trail = std::move(cause.trail);
    error.trail.push_back(std::move(cause.what));
    return error;
  };
  if (cause.id == ErrorId::network && endpoint_->ssh) {
    const SshTunnel& ssh = *endpoint_->ssh;
    return as(ErrorId::docker_not_running, "No Docker answers at " + ssh.engine_socket + " of " + ssh.destination,
              "'ssh " + ssh.destination +
                  " docker version' must work: Docker runs, and the user is in its group. A path behind the host names "
                  "another socket: " +
                  ssh.destination + "/run/podman/podman.sock");
  }
  if (cause.id == ErrorId::network || cause.id == ErrorId::certificate_untrusted) {
    return as(ErrorId::docker_not_running, "Docker cannot be reached at " + endpoint_->url);
  }
  if (cause.id == ErrorId::permission) {
    return as(ErrorId::docker_permission, "This user may not use Docker at " + endpoint_->url);
  }
  return cause;
}

Result<sys::HttpResponse> Engine::checked(Result<sys::HttpResponse> response, const sys::HttpRequest& request,
                                          Tolerated tolerated) const {
  if (!response.ok()) return unreachable(std::move(response).error());
  const int status = response->status;
  const bool good = (status >= 200 && status < 300) || std::ranges::find(tolerated, status) != tolerated.end();
  if (!good) return refusal(request, *response);
  return response;
}

// An engine that is hung takes connections, and answers never.
Result<sys::HttpResponse> Engine::prompt(const Context& ctx, const sys::HttpRequest& request) {
  const Context limited = ctx.within(patience_);
  auto response = client_->send(limited, request);
  const bool hung = !response.ok() && response.error().id == ErrorId::timeout && !ctx.deadline.passed();
  if (!hung) return response;
  Error error =
      make_error(ErrorId::docker_not_running,
                 "Docker at " + endpoint_->url + " has not answered for " +
                     std::to_string(std::chrono::duration_cast<std::chrono::seconds>(patience_).count()) + " s",
                 "Look at its log with 'journalctl -u docker'; 'sudo systemctl restart docker' may help");
  error.trail.push_back(request.method + " " + request.path);
  return error;
}

Result<std::string> Engine::prefix(const Context& ctx) {
  if (!endpoint_.ok()) return endpoint_.error();
  {
    const std::lock_guard lock(mutex_);
    if (!prefix_.empty()) return prefix_;
  }
  const sys::HttpRequest request{.path = "/_ping"};  // GET /version would start programs of the engine
  auto response = TRY(checked(prompt(ctx, request), request, {}));
  const std::lock_guard lock(mutex_);
  prefix_ = TRY(choose_version(response.headers["api-version"]));
  return prefix_;
}

Result<Json> Engine::remembered(const Context& ctx, Json& answer, const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    if (!answer.is_null()) return answer;
  }
  Json fresh = TRY(get(ctx, path));
  const std::lock_guard lock(mutex_);
  answer = fresh;
  return fresh;
}

Result<Json> Engine::version(const Context& ctx) { return remembered(ctx, version_, "/version"); }
Result<Json> Engine::info(const Context& ctx) { return remembered(ctx, info_, "/info"); }

Result<Engine::Answer> Engine::send(const Context& ctx, sys::HttpRequest request, Tolerated tolerated) {
  request.path.insert(0, TRY(prefix(ctx)));
  auto response = TRY(checked(client_->send(ctx, request), request, tolerated));
  return Answer{response.status, std::move(response.body)};
}

namespace {
sys::HttpRequest json_request(std::string method, std::string path, const Json& body) {
  sys::HttpRequest request{std::move(method), std::move(path)};
  if (body.is_null()) return request;
  request.headers["Content-Type"] = "application/json";
  request.body = to_text(body);
  return request;
}
}  // namespace

Result<Engine::Answer> Engine::call(const Context& ctx, std::string method, std::string path, const Json& body,
                                    Tolerated tolerated) {
  return send(ctx, json_request(std::move(method), std::move(path), body), tolerated);
}

Result<Json> Engine::get(const Context& ctx, std::string path) {
  const sys::HttpRequest request{.path = TRY(prefix(ctx)) + path};
  const auto response = TRY(checked(prompt(ctx, request), request, {}));
  return Answer{response.status, response.body}.json();
}

Result<std::optional<Json>> Engine::find(const Context& ctx, std::string path) {
  const sys::HttpRequest request{.path = TRY(prefix(ctx)) + path};
  const auto response = TRY(checked(prompt(ctx, request), request, {404}));
  if (response.status == 404) return std::optional<Json>();
  return std::optional(Answer{response.status, response.body}.json());
}

Result<std::unique_ptr<sys::Stream>> Engine::open(const Context& ctx, std::string path, const Json& body) {
  sys::HttpRequest request = json_request("POST", std::move(path), body);
  request.headers["Connection"] = "Upgrade";
  request.headers["Upgrade"] = "tcp";
  request.path.insert(0, TRY(prefix(ctx)));
  auto upgraded = client_->upgrade(ctx, request);
  if (!upgraded.ok()) return unreachable(std::move(upgraded).error());
  if (!upgraded->stream) return refusal(request, upgraded->response);
  return std::move(upgraded->stream);
}

std::string label_filter(std::initializer_list<std::string> labels) {
  JsonArray array;
  for (const auto& label : labels) array.emplace_back(label);
  return "?filters=" + sys::url_encode(to_text(JsonObject{{"label", std::move(array)}}));
}

}  // namespace skiff::drivers::docker
