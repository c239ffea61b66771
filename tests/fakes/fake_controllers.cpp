// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/fake_controllers.h"

#include <algorithm>
#include <ctime>

namespace skiff::fakes {
namespace {

const std::string core = "/api/v1";
const std::string apps = "/apis/apps/v1";

// As the API writes times: a heartbeat to the second, a lease to the microsecond.
std::string now(const FakeKubelet& kubelet, bool micro) {
  std::timespec time{};
  std::timespec_get(&time, TIME_UTC);
  std::tm parts{};
  time.tv_sec += kubelet.clock_ahead;
  ::gmtime_r(&time.tv_sec, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  if (!micro) return std::string(text) + "Z";
  std::string fraction = std::to_string(1000000 + time.tv_nsec / 1000);
  return std::string(text) + "." + fraction.substr(1) + "Z";
}

JsonObject ready_condition() { return {{"type", "Ready"}, {"status", "True"}}; }

bool is_ready(const Json& object) {
  return std::ranges::any_of(array_at(object, "status.conditions"), [](const Json& condition) {
    return text_at(condition, "type") == "Ready" && text_at(condition, "status") == "True";
  });
}

bool is_owned_by(const Json& pod, const std::string& kind, const std::string& name) {
  return text_at(pod, "metadata.ownerReferences.0.kind") == kind &&
         text_at(pod, "metadata.ownerReferences.0.name") == name;
}

class Controllers {
 public:
  Controllers(ObjectStore& store, const std::vector<FakeKubelet>& kubelets) : store_(store), kubelets_(kubelets) {}

  void run() {
    for (long long before = -1; before != store_.version();) {
      before = store_.version();
      for (const auto& kubelet : kubelets_) tell_status(kubelet);
      make_accounts();
      collect_pods();
      for (const auto& [key, set] : store_.list(apps, "daemonsets")) run_daemon_set(key, set);
      for (const auto& [key, deployment] : store_.list(apps, "deployments")) run_deployment(key, deployment);
      for (const auto& [key, service] : store_.list(core, "services")) fill_endpoints(key, service);
    }
  }

 private:
  void tell_status(const FakeKubelet& kubelet) {
    if (!kubelet.running) return;
    const ObjectKey key{core, "nodes", "", kubelet.node};
    const Json* known = store_.get(key);
    // It registers itself when it boots, and not again when somebody removes its Node meanwhile.
    const ObjectKey lease{"/apis/coordination.k8s.io/v1", "leases", "kube-node-lease", kubelet.node};
    const Json* renewed = store_.get(lease);
    const auto told = renewed == nullptr ? -1 : int_at(*renewed, "spec.leaseTransitions");
    const bool missed = known != nullptr && find(*known, "status") == nullptr;
    if (told == kubelet.boots && !missed) return;
    Json node = known != nullptr
                    ? *known
                    : Json(JsonObject{{"apiVersion", "v1"},
                                      {"kind", "Node"},
                                      {"metadata", {{"labels", {{"kubernetes.io/hostname", kubelet.node}}}}}});
    JsonObject ready = ready_condition();
    ready["lastHeartbeatTime"] = now(kubelet, false);
    node.as_object()["status"] = JsonObject{{"conditions", JsonArray{std::move(ready)}}};
    store_.put(key, std::move(node));
    store_.put(lease, {{"apiVersion", "coordination.k8s.io/v1"},
                       {"kind", "Lease"},
                       {"spec", {{"renewTime", now(kubelet, true)}, {"leaseTransitions", kubelet.boots}}}});
  }

  void make_accounts() {
    for (const auto& [key, space] : store_.list(core, "namespaces")) {
      const ObjectKey account{core, "serviceaccounts", key.name, "default"};
      if (store_.get(account) == nullptr) {
        store_.put(account, {{"apiVersion", "v1"}, {"kind", "ServiceAccount"}, {"metadata", JsonObject()}});
      }
    }
  }

  void collect_pods() {
    for (const auto& [key, pod] : store_.list(core, "pods")) {
      const std::string owner = text_at(pod, "metadata.ownerReferences.0.name");
      const std::string plural =
          text_at(pod, "metadata.ownerReferences.0.kind") == "DaemonSet" ? "daemonsets" : "deployments";
      const bool orphan = !owner.empty() && store_.get({apps, plural, key.ns, owner}) == nullptr;
      const std::string node = text_at(pod, "spec.nodeName");
      if (orphan || (!node.empty() && store_.get({core, "nodes", "", node}) == nullptr)) store_.erase(key);
    }
  }

  bool runs(const std::string& node) const {
    return std::ranges::any_of(kubelets_, [&](const auto& kubelet) { return kubelet.node == node && kubelet.running; });
  }

  static bool is_selected(const Json& workload, const Json& node) {
    const Json* selector = find(workload, "spec.template.spec.nodeSelector");
    const Json* labels = find(node, "metadata.labels");
    if (selector == nullptr || !selector->is_object()) return true;
    return std::ranges::all_of(selector->get_object(), [&](const auto& wanted) {
      const Json* label =
          labels != nullptr && labels->is_object() ? labels->get_object().if_contains(wanted.key()) : nullptr;
      return label != nullptr && *label == wanted.value();
    });
  }

  // Where a pod of this workload may go, by name.
  std::vector<std::string> places(const Json& workload) const {
    const auto& tolerations = array_at(workload, "spec.template.spec.tolerations");
    const bool anywhere = std::ranges::any_of(tolerations, [](const Json& toleration) {
      return text_at(toleration, "operator") == "Exists" && text_at(toleration, "key").empty();
    });
    const bool everywhere = text_at(workload, "kind") == "DaemonSet";
    std::vector<std::string> names;
    for (const auto& [key, node] : store_.list(core, "nodes")) {
      const bool closed = bool_at(node, "spec.unschedulable") && !everywhere;
      const bool tainted = !array_at(node, "spec.taints").empty() && !anywhere;
      if (is_selected(workload, node) && is_ready(node) && runs(key.name) && !closed && !tainted)
        names.push_back(key.name);
    }
    return names;
  }

  void make_pod(const ObjectKey& owner, const Json& workload, const std::string& name, const std::string& node) {
    const Json* labels = find(workload, "spec.template.metadata.labels");
    store_.put(
        {core, "pods", owner.ns, name},
        {{"apiVersion", "v1"},
         {"kind", "Pod"},
         {"metadata",
          {{"labels", labels == nullptr ? Json(JsonObject()) : *labels},
           {"ownerReferences", JsonArray{JsonObject{{"kind", text_at(workload, "kind")}, {"name", owner.name}}}}}},
         {"spec", {{"nodeName", node}}},
         {"status", {{"phase", "Running"}, {"conditions", JsonArray{ready_condition()}}}}});
  }

  std::vector<std::pair<ObjectKey, Json>> pods_of(const ObjectKey& owner, const std::string& kind) const {
    auto pods = store_.list(core, "pods", owner.ns);
    std::erase_if(pods, [&](const auto& pod) { return !is_owned_by(pod.second, kind, owner.name); });
    return pods;
  }

  void set_status(const ObjectKey& key, Json workload, JsonObject status) {
    status["observedGeneration"] = int_at(workload, "metadata.generation");
    workload.as_object()["status"] = std::move(status);
    store_.put(key, std::move(workload));
  }

  void run_daemon_set(const ObjectKey& key, const Json& set) {
    for (const auto& node : places(set)) {
      const std::string name = key.name + "-" + node;
      if (store_.get({core, "pods", key.ns, name}) == nullptr) make_pod(key, set, name, node);
    }
    const auto nodes = store_.list(core, "nodes");
    const auto wanted = std::ranges::count_if(nodes, [&](const auto& node) { return is_selected(set, node.second); });
    const auto available = pods_of(key, "DaemonSet").size();
    set_status(
        key, set,
        {{"desiredNumberScheduled", wanted}, {"updatedNumberScheduled", available}, {"numberAvailable", available}});
  }

  void run_deployment(const ObjectKey& key, const Json& deployment) {
    auto pods = pods_of(key, "Deployment");
    const auto wanted = static_cast<std::size_t>(int_at(deployment, "spec.replicas", 1));
    const auto nodes = places(deployment);
    for (std::size_t made = pods.size(); made < wanted && !nodes.empty(); ++made) {
      make_pod(key, deployment, key.name + "-" + std::to_string(store_.version()), nodes[made % nodes.size()]);
    }
    for (; pods.size() > wanted; pods.pop_back()) store_.erase(pods.back().first);
    const auto replicas = pods_of(key, "Deployment").size();
    set_status(key, deployment,
               {{"replicas", replicas}, {"updatedReplicas", replicas}, {"availableReplicas", replicas}});
  }

  void fill_endpoints(const ObjectKey& key, const Json& service) {
    std::string selector;
    if (const Json* labels = find(service, "spec.selector"); labels != nullptr && labels->is_object()) {
      for (const auto& [name, value] : labels->get_object()) {
        selector.append(selector.empty() ? "" : ",").append(name).append("=").append(value.as_string().c_str());
      }
    }
    if (selector.empty()) return;
    JsonArray endpoints;
    for (const auto& [pod, object] : store_.list(core, "pods", key.ns, selector)) {
      endpoints.push_back(
          {{"conditions", {{"ready", is_ready(object)}}}, {"nodeName", text_at(object, "spec.nodeName")}});
    }
    store_.put({"/apis/discovery.k8s.io/v1", "endpointslices", key.ns, key.name + "-slice"},
               {{"apiVersion", "discovery.k8s.io/v1"},
                {"kind", "EndpointSlice"},
                {"metadata", {{"labels", {{"kubernetes.io/service-name", key.name}}}}},
                {"addressType", "IPv4"},
                {"endpoints", std::move(endpoints)}});
  }

  ObjectStore& store_;
  const std::vector<FakeKubelet>& kubelets_;
};

}  // namespace

void make_namespaces(ObjectStore& store) {
  for (const auto* name : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    store.put({core, "namespaces", "", name}, {{"apiVersion", "v1"}, {"kind", "Namespace"}});
  }
}

void settle(ObjectStore& store, const std::vector<FakeKubelet>& kubelets) { Controllers(store, kubelets).run(); }

}  // namespace skiff::fakes
