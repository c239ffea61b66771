# SPDX-License-Identifier: Apache-2.0
# What forwards carry: ends of streams, datagrams, a gigabyte, a thousand connections, a node that is killed; straight
# to the nodes and by way of them.
source "$(dirname "$0")/lib.sh"
use_profile e2e-forward

echo_client=$work/echo
(cd "$here/../../images/echo" && PATH=$PATH:/usr/local/go/bin CGO_ENABLED=0 GOTOOLCHAIN=local go build -trimpath -o "$echo_client" .)
expect_echo() { timeout 300 "$echo_client" "$@" || fail "echo $*"; }
address_of() { skiff -p $profile service "$1" --url --format '{{.Name}} {{.IP}}:{{.Port}}' | sed -n "s/^$2 //p"; }
gigabyte=1073741824

# expect_all ECHO DATAGRAMS SUM SOURCE BYTES: the addresses of a service of the echo.
expect_all() {
  expect_echo up "$3" 0
  expect_echo up "$3" 1000
  expect_echo down "$4" 1000
  expect_echo datagrams "$2" 200
  expect_echo many "$1" 1000
  expect_echo up "$3" "$5"
  expect_echo down "$4" "$5"
}

start_with_echo() {
  skiff start -p $profile -n 2 --schedule-on-control-plane true
  skiff -p $profile image load "$(skiff image prepare echo)"
  kubectl apply -f "$here/manifests/echo.yaml"
  kubectl rollout status deployment/echo --timeout=120s
  kubectl rollout status deployment/single --timeout=120s
}

step "a cluster of two nodes with an echo on each"
start_with_echo

step "a NodePort service, straight to the nodes: a gigabyte each way"
expect_all $(for port in echo datagrams sum source; do address_of outer $port; done) $gigabyte

step "a ClusterIP service, by way of a node"
expect_all $(for port in echo datagrams sum source; do address_of inner $port; done) $((gigabyte / 8))
expect_eq "$(docker exec $profile-cp1 ps -C skiff-relay --no-headers | wc -l)" 1 "relays in the node"

step "the tunnel: TCP and UDP on 127.0.0.1"
skiff -p $profile tunnel --detach --no-hosts
expect_eq "$(kubectl get service balanced -o 'jsonpath={.status.loadBalancer.ingress[0].ip}')" 127.0.0.1
expect_all 127.0.0.1:7001 127.0.0.1:7001 127.0.0.1:7002 127.0.0.1:7003 $((gigabyte / 8))

step "externalTrafficPolicy Local: only the node with the pod is asked"
expect_echo many 127.0.0.1:7009 50
at=$(kubectl get pods -l app=single -o 'jsonpath={.items[0].spec.nodeName}')
kubectl cordon "$at"
kubectl delete pod -l app=single --wait
kubectl rollout status deployment/single --timeout=60s
[ "$(kubectl get pods -l app=single -o 'jsonpath={.items[0].spec.nodeName}')" != "$at" ] || fail "the pod did not move"
expect_echo many 127.0.0.1:7009 50
kubectl uncordon "$at"

step "stop parks the tunnel, start brings it back"
skiff stop -p $profile
expect_match "$(skiff -p $profile tunnel status 2>&1)" 'brings the tunnel back'
skiff start -p $profile
skiff -p $profile tunnel status | has -E '^default/balanced +127\.0\.0\.1' || fail "$(skiff -p $profile tunnel status 2>&1)"
kubectl rollout status deployment/echo --timeout=120s
eventually 30 "$echo_client" many 127.0.0.1:7001 10

step "the agent is killed: who only looks starts none, the next command has the tunnel and the forwards again"
kill -9 "$(cut -d' ' -f1 "$SKIFF_HOME/profiles/$profile/state/agent.pid")"
expect_match "$(skiff -p $profile tunnel status 2>&1)" 'has broken off'
expect_eq "$(skiff -p $profile service list -o json | grep -c '://127')" 0 "forwards"
skiff -p $profile service outer --url >/dev/null
skiff -p $profile tunnel status | has -E '^default/balanced +127\.0\.0\.1' || fail "$(skiff -p $profile tunnel status 2>&1)"
expect_echo many 127.0.0.1:7001 10
expect_eq "$(skiff -p $profile service list -o json | grep -o '://127' | wc -l)" 8 "forwards"

step "a node is killed and started again under load"
direct=$(address_of outer echo)
inner=$(address_of inner echo)
for address in "$direct" "$inner" 127.0.0.1:7001; do "$echo_client" load "$address" 20 >"$work/load-$address" & done
loads=$(jobs -p)
docker kill $profile-w1 >/dev/null
skiff start -p $profile
wait $loads
for address in "$direct" "$inner" 127.0.0.1:7001; do
  read -r good bad <"$work/load-$address"
  printf '%s: %s connections went well, %s did not\n' "$address" "$good" "$bad"
  [ "$good" -gt $((9 * bad)) ] || fail "too many connections of $address failed"
  expect_echo many "$address" 100
done

step "the agent is killed: tunnel stop takes back what it has left"
kill -9 "$(cut -d' ' -f1 "$SKIFF_HOME/profiles/$profile/state/agent.pid")"
skiff -p $profile tunnel stop
expect_eq "$(kubectl get service balanced -o 'jsonpath={.status.loadBalancer.ingress}')" "" "the status"
skiff -p $profile service stop
expect_eq "$(skiff -p $profile service list -o json | grep -c '://127')" 0 "forwards"
expect_eq "$(docker exec $profile-cp1 ps -C skiff-relay --no-headers | wc -l)" 0 "relays in the node"

step "delete leaves nothing"
skiff delete -p $profile
expect_nothing_left $profile

step "an engine whose nodes this host does not reach: all of it by way of them"
python3 "$here/tcp_to_unix.py" 18395 /var/run/docker.sock &
engine=$!
at_end() { kill $engine; }
export DOCKER_HOST=tcp://127.0.0.1:18395
eventually 10 docker version
start_with_echo
expect_all $(for port in echo datagrams sum source; do address_of outer $port; done) $((gigabyte / 16))
expect_eq "$(docker exec $profile-cp1 ps -C skiff-relay --no-headers | wc -l)" 1 "relays in the node"
skiff -p $profile tunnel --detach --no-hosts
expect_echo many 127.0.0.1:7001 100
expect_echo datagrams 127.0.0.1:7001 20
skiff -p $profile tunnel stop
skiff -p $profile service stop
skiff delete -p $profile
expect_nothing_left $profile
