# SPDX-License-Identifier: Apache-2.0
# The newcomer's tutorial, word for word; sourced after lib.sh by the tests of both faces. Step 5 uses the machine's own
# /etc/hosts, as the tutorial does, and puts it back.
use_profile minikube-lab

cp -p /etc/hosts "$work/hosts"
at_end() { [ -z "$tunnel" ] || kill -INT "$tunnel" || true; cmp -s /etc/hosts "$work/hosts" || cat "$work/hosts" >/etc/hosts; }

tunnel=
start_tunnel() {  # in "another terminal"
  "$skiff_binary" -p minikube-lab tunnel >"$work/tunnel" 2>&1 &
  tunnel=$!
}
end_tunnel() {  # Ctrl-C there
  local pid=$tunnel
  tunnel=
  kill -INT "$pid"
  wait "$pid" || fail "the tunnel ended with $?: $(cat "$work/tunnel")"
}
greeting='^Hello world \(ID: [0-9]+\)$'
greets() { curl -sS --max-time 3 "$1" | grep -qE "$greeting"; }
external_ip() { kubectl get service helloworld-service3 --no-headers | awk '{print $4}'; }
shows() { [ "$(external_ip)" = "$1" ]; }
ingress_address() { kubectl get ingress helloworld-ingress --no-headers | awk '{print $4}'; }
shows_address() { [ "$(ingress_address)" = "$1" ]; }
status() { curl -sS -o "$work/body" -w '%{http_code}' --max-time 3 "$1"; }
answers() { [ "$(status "$1")" = "$2" ]; }

step "1. a cluster of three nodes"
skiff start --nodes 3 -p minikube-lab
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"

step "2. an application, its service, and its name in DNS"
load_images
kubectl apply -f "$here/manifests/hello.yaml"
kubectl rollout status deployment/helloworld --timeout=120s
answers=$(in_cluster 'for i in $(seq 30); do curl -sS --max-time 5 helloworld-service:7070; done')
expect_eq "$(grep -cE "$greeting" <<<"$answers")" 30 "greetings"
[ "$(sort -u <<<"$answers" | wc -l)" -gt 1 ] || fail "one pod answered every request: $answers"

step "1 again. after a stop"
skiff stop -p minikube-lab
skiff start --nodes 3 -p minikube-lab
kubectl rollout status deployment/helloworld --timeout=120s
expect_match "$(in_cluster 'curl -sS --max-time 5 helloworld-service:7070')" "$greeting"

step "3. a NodePort service on localhost"
kubectl apply -f "$here/manifests/nodeport.yaml"
url=$(skiff -p minikube-lab service helloworld-service2 --url)
expect_match "$url" '^http://127\.0\.0\.1:[0-9]+$'
eventually 5 greets "$url"

step "4. a load balancer, with the tunnel and after it"
kubectl apply -f "$here/manifests/loadbalancer.yaml"
kubectl delete service second foreign  # not of the tutorial
expect_eq "$(external_ip)" '<pending>'
start_tunnel
eventually 5 shows 127.0.0.1
eventually 5 greets localhost:9000
end_tunnel
expect_eq "$(external_ip)" '<pending>'
! curl -s --max-time 3 localhost:9000 >/dev/null || fail "it answers without a tunnel"

step "5. an ingress by its host name"
expect_match "$(skiff addons list -p minikube-lab)" 'ingress[^a-z]+(minikube-lab[^a-z]+)?disabled'
skiff -p minikube-lab addons enable ingress
expect_match "$(skiff -p minikube-lab addons list)" 'ingress[^a-z]+(minikube-lab[^a-z]+)?enabled'
kubectl apply -f "$here/manifests/ingress.yaml"
node=$(skiff -p minikube-lab ip)
eventually 10 shows_address "$node"
start_tunnel
eventually 10 shows_address 127.0.0.1
grep -qE '^127\.0\.0\.1 helloworld\.test( |$)' /etc/hosts || fail "/etc/hosts lacks the host: $(cat /etc/hosts)"
eventually 10 answers helloworld.test 200
expect_match "$(cat "$work/body")" "$greeting"
expect_eq "$(status helloworld.test/crash)" 503 "status of /crash"

step "the tunnel ends: the node's address again, /etc/hosts as it was"
end_tunnel
eventually 10 shows_address "$node"
cmp /etc/hosts "$work/hosts" || fail "/etc/hosts has changed"
