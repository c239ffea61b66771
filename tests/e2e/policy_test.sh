# SPDX-License-Identifier: Apache-2.0
# NetworkPolicies are enforced on every node, between pods of the same and of other nodes, by address and by service.
source "$(dirname "$0")/lib.sh"
use_profile "${POLICY_PROFILE:-e2e-policy}"

pod() {  # pod NAMESPACE NAME NODE IMAGE COMMAND
  cat <<YAML
apiVersion: v1
kind: Pod
metadata: {name: $2, namespace: $1, labels: {app: $2}}
spec:
  nodeName: $profile-$3
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: "skiff.dev/$4:1", $5}]
---
YAML
}
client() { pod "$1" "$2" "$3" curl 'command: [sleep, infinity]'; }

# connects FROM ADDRESS PORT: whether "namespace/pod" gets a connection within a second.
connects() { kubectl exec -n "${1%/*}" "${1#*/}" -- timeout 1 bash -c "exec 3<>/dev/tcp/$2/$3" 2>/dev/null; }
blocked() { ! connects "$@"; }
all_connect() { for from in $1; do connects "$from" "$2" "$3" || { echo "$from: no"; return 1; }; done; }
all_blocked() { for from in $1; do blocked "$from" "$2" "$3" || { echo "$from: yes"; return 1; }; done; }
everybody="shop/near shop/far team/near team/far"

step "pods on two nodes, and no policy"
skiff start -p $profile -n 2 --schedule-on-control-plane true
expect_eq "$(skiff doctor | grep -c 'network-policies')" 1 "what doctor says of policies"
expect_match "$(docker exec $profile-w1 cat /run/skiff/network-policy)" '^enforced$'
skiff -p $profile image load "$(skiff image prepare echo)" "$(skiff image prepare curl)"
kubectl create namespace shop
kubectl create namespace team
kubectl label namespace team who=team
{
  pod shop server w1 echo 'readinessProbe: {tcpSocket: {port: 7001}, periodSeconds: 1}'
  client shop near w1
  client shop far cp1
  client team near w1
  client team far cp1
  cat <<'YAML'
apiVersion: v1
kind: Service
metadata: {name: server, namespace: shop}
spec: {selector: {app: server}, ports: [{name: echo, port: 7001}, {name: source, port: 7003}]}
YAML
} | kubectl apply -f -
for namespace in shop team; do kubectl wait -n $namespace --for=condition=Ready pod --all --timeout=60s; done
server=$(kubectl get pod -n shop server -o 'jsonpath={.status.podIP}')
all_connect "$everybody" "$server" 7001
all_connect "$everybody" server.shop 7003
all_connect "$everybody" kube-dns.kube-system 9153

step "deny all: nobody gets in, from any node, by address or by service, nor out; the kubelet's probes do"
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
YAML
service=$(kubectl get service -n shop server -o 'jsonpath={.spec.clusterIP}')
for from in $everybody; do eventually 10 blocked "$from" "$server" 7001; done
all_blocked "$everybody" "$service" 7003
all_blocked "shop/near shop/far" kube-dns.kube-system 53
all_connect "team/near team/far" kube-dns.kube-system 53
kubectl wait -n shop --for=condition=Ready pod/server --timeout=5s

step "allowed is a namespace, and one port"
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-team, namespace: shop}
spec:
  podSelector: {matchLabels: {app: server}}
  ingress: [{from: [{namespaceSelector: {matchLabels: {who: team}}}], ports: [{port: 7001}]}]
YAML
for from in team/near team/far; do eventually 10 connects $from server.shop 7001; done
all_blocked "team/near team/far" server.shop 7003
all_blocked "shop/near shop/far" "$server" 7001
kubectl label namespace team who-
for from in team/near team/far; do eventually 10 blocked $from "$server" 7001; done

step "allowed is a way out: to DNS, and to the server, whose own policy lets it in"
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]
    ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
  - to: [{podSelector: {matchLabels: {app: server}}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: from-shop, namespace: shop}
spec: {podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector: {}}]}]}
YAML
for from in shop/near shop/far; do eventually 10 connects $from server.shop 7003; done
all_blocked "shop/near shop/far" kube-dns.kube-system 9153  # CoreDNS itself, by another port
all_blocked "team/near team/far" "$server" 7003

step "stop and start: still so"
skiff stop -p $profile
skiff start -p $profile
for namespace in shop team; do kubectl wait -n $namespace --for=condition=Ready pod --all --timeout=60s; done
server=$(kubectl get pod -n shop server -o 'jsonpath={.status.podIP}')
for from in shop/near shop/far; do eventually 20 connects $from server.shop 7003; done
all_blocked "team/near team/far" "$server" 7003
all_blocked "shop/near shop/far" kube-dns.kube-system 9153

step "a node that joins enforces too"
skiff -p $profile node add
{
  pod shop other w2 echo 'readinessProbe: {tcpSocket: {port: 7001}, periodSeconds: 1}'
  client shop new w2
  client team new w2
} | kubectl apply -f -
for namespace in shop team; do kubectl wait -n $namespace --for=condition=Ready pod --all --timeout=60s; done
other=$(kubectl get pod -n shop other -o 'jsonpath={.status.podIP}')
eventually 10 connects shop/new server.shop 7003
all_blocked "team/new team/far shop/new" "$other" 7001
blocked team/new "$server" 7001 || fail "the new node's pod gets to the server"

step "without policies all is as before"
kubectl delete networkpolicy -n shop --all
for from in $everybody team/new; do eventually 10 connects $from "$server" 7001; done
all_connect "$everybody shop/new" server.shop 7003
all_connect "team/far shop/near" "$other" 7001

step "a service that ends is there again"
docker exec $profile-w1 s6-svc -r /run/service/network-policy
kubectl apply -f - <<'YAML'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny-all, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
YAML
for from in $everybody; do eventually 20 blocked "$from" "$server" 7001; done

skiff delete -p $profile
expect_nothing_left $profile
