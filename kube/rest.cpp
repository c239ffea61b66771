// SPDX-License-Identifier: Apache-2.0
#include "kube/rest.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"

namespace skiff::kube {
namespace {

constexpr int too_many_requests = 429;
constexpr int gave_up = 504;  // an API server that is overloaded, after a minute; nothing tells whether it was done

// "https://address:port"; plain http is for tests.
sys::HttpTarget target_of(const Access& access) {
  const std::string_view url = access.server;
  const auto scheme_end = url.find("://");
  const bool plain = url.starts_with("http://");
  std::string_view host = url.substr(scheme_end == std::string_view::npos ? 0 : scheme_end + 3);
  host = host.substr(0, host.find('/'));
  std::uint16_t port = plain ? 80 : 443;
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos) {
    std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  sys::HttpTarget target{{}, std::string(host), port, {}};
  if (!plain) target.tls = sys::Tls{access.ca_pem, access.client.cert_pem, access.client.key_pem, std::string(host)};
  return target;
}

// As the API asks, in whole seconds; at least a little, so that an answer without a time is no invitation to hurry.
Duration put_off(const sys::HttpResponse& answer) {
  const auto header = answer.headers.find("retry-after");
  const auto seconds = header == answer.headers.end() ? Result<long long>(0) : parse_int(header->second, "Retry-After");
  return std::clamp<Duration>(std::chrono::seconds(seconds.value_or(0)), std::chrono::milliseconds(50),
                              std::chrono::seconds(5));
}

bool may_be_sent_again(const sys::HttpRequest& request, int status) {
  return status == too_many_requests || (status == gave_up && request.method != "POST");
}

}  // namespace

Rest::Rest(const Access& access) : server_(access.server), http_(target_of(access)) {}

Result<sys::HttpResponse> Rest::send(const Context& ctx, const sys::HttpRequest& request) {
  for (;;) {
    auto answer = http_.send(ctx, request);
    if (!answer.ok()) return no_answer(std::move(answer).error());
    if (!may_be_sent_again(request, answer->status)) return answer;
    auto waited = ctx.pause(put_off(*answer));
    if (!waited.ok()) return no_answer(std::move(waited).error());
  }
}

Result<sys::HttpResponse> Rest::stream(const Context& ctx, const sys::HttpRequest& request,
                                       const sys::HttpClient::Sink& sink) {
  auto answer = http_.stream(ctx, request, sink);
  if (!answer.ok()) return no_answer(std::move(answer).error());
  return answer;
}

Error Rest::no_answer(Error cause) const {
  if (cause.id == ErrorId::interrupted) return cause;
  Error error = cause.id == ErrorId::timeout
                    ? make_error(ErrorId::kube_timeout, "The Kubernetes API at " + server_ + " did not answer in time")
                    : make_error(ErrorId::kube_unreachable, "The Kubernetes API at " + server_ + " cannot be reached");
  error.trail = std::move(cause.trail);
  error.trail.push_back(std::move(cause.what));
  return error;
}

Result<Json> accepted(const sys::HttpResponse& answer) {
  if (answer.status >= 300) return refusal(answer);
  auto body = parse_json(answer.body);
  if (!body.ok()) return make_error(ErrorId::kube_error, "The Kubernetes API's answer is " + body.error().what);
  return body;
}

Error refusal(const sys::HttpResponse& answer) {
  const ErrorId id = answer.status == 404   ? ErrorId::kube_not_found
                     : answer.status == 409 ? ErrorId::kube_conflict
                                            : ErrorId::kube_error;
  const auto status = parse_json(answer.body);
  std::string message = status.ok() ? text_at(*status, "message") : std::string(trim(answer.body.substr(0, 500)));
  if (message.empty()) message = "The Kubernetes API answered with status " + std::to_string(answer.status);
  Error error = make_error(id, std::move(message));
  if (!status.ok()) return error;
  for (const auto& cause : array_at(*status, "details.causes")) {
    const std::string why = text_at(cause, "message");
    if (error.what.find(why) == std::string::npos) error.trail.push_back(text_at(cause, "field") + ": " + why);
  }
  return error;
}

}  // namespace skiff::kube
