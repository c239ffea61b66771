# SPDX-License-Identifier: Apache-2.0
# The Gateway API: one controller for Gateway and Ingress objects, on the ports that the addon ingress would have.
source "$(dirname "$0")/lib.sh"
use_profile e2e-gateway

ask() { curl -sS -o "$work/body" -w '%{http_code}' --max-time 5 --resolve "$1:80:$address" --resolve "$1:443:$address" "${@:2}"; }
answers() { local want=$1; shift; [ "$(ask "$@")" = "$want" ]; }
gateway() { kubectl get gateway gate -o "jsonpath={.status.$1}"; }
shows_address() { [ "$(gateway 'addresses[0].value')" = "$1" ]; }

step "a cluster with the tutorial's application"
skiff start -p $profile
address=$(skiff ip -p $profile)
skiff -p $profile image load "$(skiff image prepare hello)"
kubectl apply -f "$here/manifests/hello.yaml"
kubectl rollout status deployment/helloworld --timeout=120s
remember_objects

step "ingress and gateway exclude each other, said before anything is done"
expect_error ADDON_CONFLICT 91 skiff -p $profile addons enable ingress gateway
same_objects || fail "something was changed"

step "addons enable gateway: definitions, a class that is accepted"
skiff -p $profile addons enable gateway
expect_eq "$(kubectl get gatewayclass traefik -o 'jsonpath={.status.conditions[?(@.type=="Accepted")].status}')" True
expect_error ADDON_CONFLICT 91 skiff -p $profile addons enable ingress
grep -q 'addons disable gateway' "$work/stderr" || fail "no advice: $(cat "$work/stderr")"

step "a Gateway with routes: by host and path, with a certificate"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=gate.test \
  -addext subjectAltName=DNS:gate.test -keyout "$work/key" -out "$work/certificate" 2>/dev/null
kubectl create secret tls gate-certificate --key "$work/key" --cert "$work/certificate"
kubectl apply -f "$here/manifests/gateway.yaml"
kubectl wait --for=condition=Programmed gateway/gate --timeout=30s
eventually 10 shows_address "$address"
eventually 10 answers 200 gate.test http://gate.test/
expect_match "$(cat "$work/body")" 'Hello world \(ID: [0-9]+\)'
expect_eq "$(ask gate.test https://gate.test/ --cacert "$work/certificate")" 200 "status by TLS"
expect_eq "$(ask other.test http://other.test/)" 404 "status of another host"
expect_eq "$(ask gate.test http://gate.test/old -D "$work/headers")" 302 "status of a redirect"
grep -qi '^location: http://gate.test/new' "$work/headers" || fail "redirected to: $(cat "$work/headers")"

step "Ingress objects are served too"
kubectl apply -f "$here/manifests/ingress.yaml"
eventually 10 answers 200 helloworld.test http://helloworld.test/
expect_eq "$(ask helloworld.test http://helloworld.test/crash)" 503 "status of /crash"

step "it comes back with the cluster"
skiff stop -p $profile
skiff start -p $profile
eventually 20 answers 200 gate.test http://gate.test/

step "disable leaves nothing, the definitions included"
kubectl delete -f "$here/manifests/ingress.yaml"
kubectl delete secret gate-certificate
skiff -p $profile addons disable gateway
eventually 15 same_objects
