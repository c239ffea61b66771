// SPDX-License-Identifier: Apache-2.0
// HTTP to the Kubernetes API with its conventions. What is not an answer is an Error: kube_unreachable (no connection),
// kube_timeout, interrupted. An answer is judged by the caller, with `accepted` or `refusal`.
#pragma once

#include "base/json.h"
#include "kube/kubeconfig.h"
#include "sys/net/http.h"

namespace skiff::kube {

class Rest {
 public:
  explicit Rest(const Access& access);

  // A request that the API puts off (429, too many requests) is sent again.
  Result<sys::HttpResponse> send(const Context& ctx, const sys::HttpRequest& request);
  // An answer without an end, piece by piece; a refusal is in the response.
  Result<sys::HttpResponse> stream(const Context& ctx, const sys::HttpRequest& request,
                                   const sys::HttpClient::Sink& sink);

 private:
  Error no_answer(Error cause) const;

  std::string server_;
  sys::HttpClient http_;
};

// The JSON of a successful answer, else refusal().
Result<Json> accepted(const sys::HttpResponse& answer);
// kube_not_found, kube_conflict or kube_error, with the API's own message.
Error refusal(const sys::HttpResponse& answer);

}  // namespace skiff::kube
