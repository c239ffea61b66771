// SPDX-License-Identifier: Apache-2.0
#include "cluster/request/resolve_pod_network.h"

#include <algorithm>
#include <array>
#include <optional>

#include "cluster/request/refusals.h"
#include "kube/objects.h"

namespace skiff::cluster {
namespace {

using Kind = PodNetwork::Kind;

constexpr std::string_view flag = "--cni";

struct Word {
  std::string_view text;
  std::optional<Kind> kind;  // nothing: known elsewhere, and not part of skiff
};
// Skiff's own, then minikube's.
constexpr std::array<Word, 10> words = {{{"default", Kind::own},
                                         {"none", Kind::none},
                                         {"auto", Kind::own},
                                         {"bridge", Kind::own},
                                         {"true", Kind::own},
                                         {"false", Kind::none},
                                         {"calico", std::nullopt},
                                         {"cilium", std::nullopt},
                                         {"flannel", std::nullopt},
                                         {"kindnet", std::nullopt}}};

// A list of CNI plugins is JSON by definition.
bool is_conflist(const std::string& text) {
  const auto json = parse_json(text);
  return json.ok() && find(*json, "plugins") != nullptr && !text_at(*json, "cniVersion").empty() &&
         !text_at(*json, "name").empty() && !array_at(*json, "plugins").empty();
}

Result<PodNetwork> network_of_file(const StartRequest& request) {
  if (is_conflist(request.cni_content)) return PodNetwork{Kind::conflist, request.cni_content};
  const auto objects = kube::parse_manifests(request.cni_content, *request.cni);
  if (objects.ok() && !objects->empty()) return PodNetwork{Kind::manifest};
  Error error =
      make_error(ErrorId::usage,
                 *request.cni + " is neither a CNI configuration list ('cniVersion', 'name', 'plugins') nor manifests",
                 "Give --cni none, default, or such a file");
  if (!objects.ok()) error.trail.push_back(objects.error().what);
  return error;
}

Result<PodNetwork> wanted_network(const StartRequest& request) {
  const std::string said = request.cni.value_or("default");
  const auto word = std::ranges::find(words, said, &Word::text);
  if (word == words.end()) return network_of_file(request);
  if (word->kind) return PodNetwork{*word->kind};
  return make_error(ErrorId::unsupported, "'" + said + "' is no part of skiff",
                    "Bring its manifests: --cni FILE; or leave --cni out: skiff's own network enforces policies");
}

}  // namespace

bool is_network_word(std::string_view text) { return std::ranges::find(words, text, &Word::text) != words.end(); }

Result<void> resolve_pod_network(ClusterSpec& spec, const StartRequest& request, bool saved) {
  if (!request.cni) return {};
  const std::optional<PodNetwork> wanted = TRY(wanted_network(request));
  if (spec.no_kubernetes && wanted->kind != Kind::own) {
    return make_error(ErrorId::usage, "Without Kubernetes there are no pods, and no network of theirs",
                      "Leave --cni out");
  }
  const bool comes_later = spec.pod_network.kind == Kind::none && wanted->kind == Kind::manifest;
  return keep(spec.pod_network, wanted, saved && !comes_later, flag);
}

Result<std::vector<Json>> network_objects(const StartRequest& request) {
  if (!request.cni || is_network_word(*request.cni) || is_conflist(request.cni_content)) return std::vector<Json>();
  return kube::parse_manifests(request.cni_content, *request.cni);
}

}  // namespace skiff::cluster
