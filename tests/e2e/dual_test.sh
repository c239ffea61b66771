# SPDX-License-Identifier: Apache-2.0
# Both families of addresses: pods of two nodes, services, node ports from this host, names, policies, stop and start.
source "$(dirname "$0")/lib.sh"
use_profile "${DUAL_PROFILE:-e2e-dual}"

connects() { kubectl exec client -- timeout 1 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; }
blocked() { ! connects "$@"; }
of_pod() { kubectl get pod "$1" -o 'jsonpath={.status.podIPs[*].ip}'; }

expect_both() {
  kubectl wait --for=condition=Ready pod --all --timeout=60s
  for address in $(of_pod server) $(kubectl get service server -o 'jsonpath={.spec.clusterIPs[*]}'); do
    eventually 20 connects "$address" 7001
  done
  expect_match "$(kubectl exec client -- getent ahostsv6 server.default.svc.cluster.local)" '^fd73:6b69:a60:ffff:' "the service's name"
  for node in cp1 w1; do
    for address in $(kubectl get node $profile-$node -o 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}'); do
      eventually 20 timeout 2 bash -c "exec 3<>/dev/tcp/$address/31001"
    done
  done
}

step "IPv6 alone, and a word that is no family, are refused"
expect_error UNSUPPORTED 15 skiff start -p $profile --ip-family ipv6
expect_error USAGE 14 skiff start -p $profile --ip-family both

step "pods, services, names and node ports have both"
skiff start -p $profile -n 2 --ip-family dual --schedule-on-control-plane true
skiff -p $profile image load "$(skiff image prepare echo)" "$(skiff image prepare curl)"
kubectl apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: server, labels: {app: server}}
spec: {nodeName: $profile-w1, containers: [{name: main, image: "skiff.dev/echo:1"}]}
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
expect_both
expect_eq "$(kubectl get service -n kube-system kube-dns -o 'jsonpath={.spec.ipFamilies[*]}')" "IPv4 IPv6" "families of cluster DNS"

step "the tunnel serves both on this host, also what has IPv6 alone"
kubectl apply -f - <<'YAML'
apiVersion: v1
kind: Service
metadata: {name: outer}
spec: {type: LoadBalancer, ipFamilyPolicy: RequireDualStack, selector: {app: server}, ports: [{port: 17001, targetPort: 7001}]}
---
apiVersion: v1
kind: Service
metadata: {name: six}
spec: {type: LoadBalancer, ipFamilyPolicy: SingleStack, ipFamilies: [IPv6], selector: {app: server}, ports: [{port: 17002, targetPort: 7001}]}
YAML
skiff -p $profile tunnel --detach --no-hosts
echoes() { [ "$(python3 -c 'import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)
connection.sendall(b"back\n")
print(connection.makefile().readline(), end="")' "$@")" = back ]; }
for port in 17001 17002; do
  eventually 20 echoes 127.0.0.1 $port
  ! grep -qs '^0*1 ' /proc/net/if_inet6 || eventually 20 echoes ::1 $port
done
skiff -p $profile tunnel stop
kubectl delete service outer six

step "a policy is for both"
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all}
spec: {podSelector: {matchLabels: {app: server}}, policyTypes: [Ingress]}
YAML
for address in $(of_pod server); do eventually 10 blocked "$address" 7001; done
kubectl delete networkpolicy deny-all

step "stop and start: the nodes' addresses are as before"
before=$(kubectl get nodes -o 'jsonpath={.items[*].status.addresses[*].address}')
skiff stop -p $profile
skiff start -p $profile
expect_eq "$(kubectl get nodes -o 'jsonpath={.items[*].status.addresses[*].address}')" "$before" "addresses"
expect_both
expect_error PROFILE_CONFLICT 11 skiff start -p $profile --ip-family ipv4

skiff delete -p $profile
expect_nothing_left $profile
