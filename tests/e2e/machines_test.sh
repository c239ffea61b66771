# SPDX-License-Identifier: Apache-2.0
# Several control planes and both families of addresses on virtual machines, one of them lost. Where processors are emulated it takes
# a quarter of an hour and more: on purpose only (ctest -C long -L long).
source "$(dirname "$0")/lib.sh"
trouble=$(skiff doctor -o json 2>/dev/null | grep -o '"libvirt","verdict":"[a-z]*"' || true)
[ "$trouble" = '"libvirt","verdict":"good"' ] || { echo "skipped: skiff doctor finds no libvirt: $trouble"; exit 77; }
use_profile e2e-machines
virsh() { command virsh -q -c qemu:///system "$@"; }

server() { kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}'; }
status_code() { local code=0; skiff status -p $profile >"$work/status" || code=$?; echo $code; }
all_well() { [ "$(status_code)" = 0 ]; }
connects() { timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2"; }

step "three control planes of both families"
skiff start -d libvirt -p $profile --control-planes 3 --memory 2g --ip-family dual
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"
expect_eq "$(skiff -p $profile ssh -n cp1 -- skiff-member list | cut -d' ' -f2 | sort | uniq -c | tr -s ' ')" " 3 voter"
expect_match "$(server)" '\.254:6443$'
all_well || fail "not all is well: $(cat "$work/status")"
address=$(server)

step "a service, by both families, from a pod on another node and from this host"
skiff -p $profile image load "$(skiff image prepare echo)" "$(skiff image prepare curl)"
kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec: {nodeName: $profile-cp2, containers: [{name: main, image: "skiff.dev/echo:1"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: $profile-cp1, terminationGracePeriodSeconds: 0, containers: [{name: main, image: "skiff.dev/curl:1", command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Service
metadata: {name: server}
spec: {type: NodePort, ipFamilyPolicy: RequireDualStack, selector: {app: server}, ports: [{port: 7001, nodePort: 31001}]}
YAML
kubectl wait --for=condition=Ready pod --all --timeout=300s
pod_connects() { kubectl exec client -- timeout 10 bash -c "exec 3<>/dev/tcp/$1/$2"; }
for each in $(kubectl get pod server -o 'jsonpath={.status.podIPs[*].ip}') $(kubectl get service server -o 'jsonpath={.spec.clusterIPs[*]}'); do
  eventually 60 pod_connects "$each" 7001
done
for each in $(kubectl get node $profile-cp1 -o 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}'); do
  eventually 60 connects "$each" 31001
done

step "the machine that holds the API's address is lost"
holder=
for each in cp1 cp2 cp3; do
  if skiff -p $profile ssh -n $each -- ip route show table local | has " 192.168.[0-9]*.254 "; then holder=$each; fi
done
[ -n "$holder" ] || fail "nobody holds the API's address"
kubectl create configmap kept --from-literal=written=before
virsh destroy $profile-$holder
eventually 180 kubectl get configmap kept --request-timeout=5s
kubectl create configmap after --from-literal=written=after
[ "$(status_code)" != 0 ] || fail "status says that all is well without $holder"
skiff node start $holder -p $profile
eventually 180 all_well

step "stop and start"
before=$(node_addresses)
skiff stop -p $profile
skiff start -p $profile
expect_eq "$(node_addresses) $(server)" "$before $address"
kubectl get configmap kept after
skiff delete -p $profile
! virsh list --all --name | grep "^$profile-" || fail "machines are left"
! virsh net-list --all --name | grep "^skiff-$profile$" || fail "the network is left"
expect_nothing_left $profile
