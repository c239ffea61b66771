# SPDX-License-Identifier: Apache-2.0
# Every addon on three nodes: enabled, asked, disabled; afterwards the cluster's objects are those that it had before.
source "$(dirname "$0")/lib.sh"
use_profile e2e-each

ask_storage() {
  kubectl apply -f "$here/manifests/stateful.yaml"
  kubectl rollout status statefulset/keeper --timeout=120s
  kubectl delete statefulset keeper --wait
  kubectl delete persistentvolumeclaims --all --wait
  eventually 20 no_volumes
}
no_volumes() { [ -z "$(kubectl get persistentvolumes -o name)" ]; }
no_pods_but_dns() { ! kubectl get pods -A -o name | grep -v coredns; }
ask_ingress() { expect_eq "$(curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://$address/")" 404 "status without an Ingress"; }
ask_gateway() { ask_ingress; expect_eq "$(kubectl get gatewayclasses -o name)" gatewayclass.gateway.networking.k8s.io/traefik; }
ask_metrics-server() { eventually 60 tops_pods; }
tops_pods() { [ -n "$(kubectl top pods -n kube-system --no-headers)" ]; }
ask_registry() { expect_eq "$(kubectl get --raw /api/v1/namespaces/kube-system/services/registry:5000/proxy/v2/)" '{}' "the registry's answer"; }

step "a new cluster has storage and nothing else"
skiff start -n 3 -p $profile
address=$(skiff ip -p $profile)
skiff -p $profile image load "$(skiff image prepare curl)"
expect_eq "$(skiff -p $profile addons list | awk '$2 == "enabled" {print $1}')" storage "enabled addons"
ask_storage

step "without it: the objects to compare with"
skiff -p $profile addons disable storage
eventually 20 no_pods_but_dns
remember_objects

for addon in storage ingress gateway metrics-server registry; do
  step "$addon: enabled, asked, disabled"
  skiff -p $profile addons enable $addon
  "ask_$addon"
  [ $addon != registry ] || addon='registry storage'
  skiff -p $profile addons disable $addon
  eventually 15 same_objects
done

step "with a node down: said, nothing changed; with all down: noted down"
docker kill $profile-w2 >/dev/null
expect_error CLUSTER_NOT_RUNNING 89 skiff -p $profile addons enable ingress
docker rm -f $(docker ps -q --filter label=dev.skiff.cluster=$profile) >/dev/null
skiff -p $profile addons enable ingress 2>&1 | has 'does not run' || fail "it did not say that the cluster does not run"
