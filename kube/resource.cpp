// SPDX-License-Identifier: Apache-2.0
#include "kube/resource.h"

#include <algorithm>
#include <array>

#include "sys/net/http.h"

namespace skiff::kube {
namespace {

struct Known {
  std::string_view api;
  std::string_view kind;
  std::string_view plural;
  bool namespaced;
};

// Kubernetes 1.37's own discovery documents (k8s.io/kubernetes, api/discovery/), stable versions.
constexpr auto known = std::to_array<Known>({
    {"v1", "ConfigMap", "configmaps", true},
    {"v1", "Endpoints", "endpoints", true},
    {"v1", "Event", "events", true},
    {"v1", "LimitRange", "limitranges", true},
    {"v1", "Namespace", "namespaces", false},
    {"v1", "Node", "nodes", false},
    {"v1", "PersistentVolumeClaim", "persistentvolumeclaims", true},
    {"v1", "PersistentVolume", "persistentvolumes", false},
    {"v1", "Pod", "pods", true},
    {"v1", "PodTemplate", "podtemplates", true},
    {"v1", "ReplicationController", "replicationcontrollers", true},
    {"v1", "ResourceQuota", "resourcequotas", true},
    {"v1", "Secret", "secrets", true},
    {"v1", "ServiceAccount", "serviceaccounts", true},
    {"v1", "Service", "services", true},
    {"admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", false},
    {"admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", false},
    {"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false},
    {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", false},
    {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", false},
    {"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false},
    {"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false},
    {"apiregistration.k8s.io/v1", "APIService", "apiservices", false},
    {"apps/v1", "ControllerRevision", "controllerrevisions", true},
    {"apps/v1", "DaemonSet", "daemonsets", true},
    {"apps/v1", "Deployment", "deployments", true},
    {"apps/v1", "ReplicaSet", "replicasets", true},
    {"apps/v1", "StatefulSet", "statefulsets", true},
    {"autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true},
    {"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true},
    {"batch/v1", "CronJob", "cronjobs", true},
    {"batch/v1", "Job", "jobs", true},
    {"certificates.k8s.io/v1", "CertificateSigningRequest", "certificatesigningrequests", false},
    {"certificates.k8s.io/v1", "ClusterTrustBundle", "clustertrustbundles", false},
    {"certificates.k8s.io/v1", "PodCertificateRequest", "podcertificaterequests", true},
    {"coordination.k8s.io/v1", "Lease", "leases", true},
    {"discovery.k8s.io/v1", "EndpointSlice", "endpointslices", true},
    {"events.k8s.io/v1", "Event", "events", true},
    {"networking.k8s.io/v1", "IngressClass", "ingressclasses", false},
    {"networking.k8s.io/v1", "Ingress", "ingresses", true},
    {"networking.k8s.io/v1", "IPAddress", "ipaddresses", false},
    {"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", true},
    {"networking.k8s.io/v1", "ServiceCIDR", "servicecidrs", false},
    {"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false},
    {"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true},
    {"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false},
    {"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false},
    {"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", true},
    {"rbac.authorization.k8s.io/v1", "Role", "roles", true},
    {"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false},
    {"storage.k8s.io/v1", "CSIDriver", "csidrivers", false},
    {"storage.k8s.io/v1", "CSINode", "csinodes", false},
    {"storage.k8s.io/v1", "CSIStorageCapacity", "csistoragecapacities", true},
    {"storage.k8s.io/v1", "StorageClass", "storageclasses", false},
    {"storage.k8s.io/v1", "VolumeAttachment", "volumeattachments", false},
    {"storage.k8s.io/v1", "VolumeAttributesClass", "volumeattributesclasses", false},
});

}  // namespace

std::string api_path(std::string_view api) {
  return (api.find('/') == std::string_view::npos ? "/api/" : "/apis/") + std::string(api);
}

std::string path_of(const Resource& resource, std::string_view ns, std::string_view name) {
  std::string path = api_path(resource.api);
  if (resource.namespaced && !ns.empty()) path += "/namespaces/" + sys::url_encode(ns);
  path += "/" + resource.plural;
  if (!name.empty()) path += "/" + sys::url_encode(name);
  return path;
}

std::optional<Resource> known_resource(std::string_view api, std::string_view kind) {
  const auto* row =
      std::find_if(known.begin(), known.end(), [&](const Known& k) { return k.api == api && k.kind == kind; });
  if (row == known.end()) return std::nullopt;
  return Resource{std::string(row->api), std::string(row->plural), row->namespaced};
}

std::optional<Resource> discovered_resource(const Json& list, std::string_view api, std::string_view kind) {
  for (const auto& resource : array_at(list, "resources")) {
    const std::string plural = text_at(resource, "name");
    const bool subresource = plural.find('/') != std::string::npos;
    if (subresource || text_at(resource, "kind") != kind) continue;
    return Resource{std::string(api), plural, bool_at(resource, "namespaced")};
  }
  return std::nullopt;
}

}  // namespace skiff::kube
