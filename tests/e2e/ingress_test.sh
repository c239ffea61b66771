# SPDX-License-Identifier: Apache-2.0
# The tutorial's step 5 without the tunnel, and what else people do with an ingress controller.
source "$(dirname "$0")/lib.sh"
use_profile e2e-ingress

ask() {  # ask HOST PATH [CURL-ARGUMENT...]: the status
  local host=$1 path=$2
  shift 2
  curl -sS -o "$work/body" -w '%{http_code}' --max-time 5 --resolve "$host:80:$address" --resolve "$host:443:$address" "$@" "$path"
}
answers() { local want=$1; shift; [ "$(ask "$@")" = "$want" ]; }
ingress_address() { kubectl get ingress "$1" -o 'jsonpath={.status.loadBalancer.ingress[0].ip}'; }
shows_address() { [ "$(ingress_address helloworld-ingress)" = "$1" ]; }

step "a cluster with the tutorial's application"
skiff start -p $profile
address=$(skiff ip -p $profile)
skiff -p $profile image load "$(skiff image prepare hello)"
kubectl apply -f "$here/manifests/hello.yaml"
kubectl rollout status deployment/helloworld --timeout=120s
remember_objects

step "port 80 of the node is taken: said in time, taken back"
kubectl run thief --image=skiff.dev/hello:1 --overrides='{"spec": {"containers": [{"name": "thief", "image": "skiff.dev/hello:1", "ports": [{"containerPort": 7070, "hostPort": 80}]}], "terminationGracePeriodSeconds": 0}}'
kubectl wait --for=condition=Ready pod/thief --timeout=60s
expect_error ADDON_FAILED 90 timeout 40 "$skiff_binary" -p $profile addons enable ingress
grep -q 'free ports' "$work/stderr" || fail "no reason: $(cat "$work/stderr")"
kubectl delete pod thief --wait
eventually 15 same_objects

step "an image that cannot be had: said in time, taken back"
expect_error ADDON_FAILED 90 timeout 60 "$skiff_binary" -p $profile addons enable ingress --registries controller=localhost:1
grep -q 'localhost:1/traefik' "$work/stderr" || fail "no reason: $(cat "$work/stderr")"
eventually 15 same_objects
expect_match "$(skiff -p $profile addons list)" 'ingress +disabled'

step "addons enable ingress-nginx, as other people call it"
expect_error ADDON_FAILED 90 skiff -p $profile addons open ingress --url
skiff -p $profile addons enable ingress-nginx 2>&1 | tee "$work/enable"
for words in "'ingress-nginx' is another name of the addon 'ingress'" 'Using image skiff.dev/traefik' 'Verifying ingress addon...' "The 'ingress' addon is enabled"; do
  grep -qF "$words" "$work/enable" || fail "it did not say '$words'"
done
expect_eq "$(kubectl get ingressclass nginx -o 'jsonpath={.spec.controller}')" k8s.io/ingress-nginx

step "addons open: the URL, and the browser unless told otherwise"
expect_eq "$(skiff -p $profile addons open ingress --url)" "http://$address/"
expect_eq "$(ask "$address" "$(skiff -p $profile addons open ingress --url)")" 404 "status without an Ingress"
mkdir "$work/bin"
printf '#!/bin/sh\necho "$1" >"%s"\n' "$work/opened" >"$work/bin/xdg-open"
chmod +x "$work/bin/xdg-open"
PATH=$work/bin:$PATH skiff -p $profile addons open ingress
expect_eq "$(cat "$work/opened")" "http://$address/" "what the browser was given"
expect_error UNSUPPORTED 15 skiff -p $profile addons open storage

step "images and where they come from"
expect_match "$(skiff -p $profile addons images ingress)" 'controller +skiff.dev/traefik:.*compiled on this machine'

step "200 on /, 503 on a port that the service does not have, 404 for another host, ADDRESS filled in"
kubectl apply -f "$here/manifests/ingress.yaml"
eventually 10 answers 200 helloworld.test http://helloworld.test/
expect_match "$(cat "$work/body")" 'Hello world \(ID: [0-9]+\)'
expect_eq "$(ask helloworld.test http://helloworld.test/crash)" 503 "status of /crash"
expect_eq "$(ask other.test http://other.test/)" 404 "status of another host"
eventually 10 shows_address "$address"

step "a second Ingress of the same host, a certificate, an annotation"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=secure.test \
  -addext subjectAltName=DNS:secure.test -keyout "$work/key" -out "$work/certificate" 2>/dev/null
kubectl create secret tls secure-certificate --key "$work/key" --cert "$work/certificate"
kubectl apply -f "$here/manifests/ingress-more.yaml"
eventually 10 answers 200 secure.test https://secure.test/ --cacert "$work/certificate"
expect_eq "$(ask secure.test http://secure.test/)" 308 "status of http where https is offered"
expect_eq "$(ask helloworld.test http://helloworld.test/second)" 503 "status of the second Ingress"
expect_eq "$(ask helloworld.test http://helloworld.test/)" 200 "status of the first Ingress"
expect_eq "$(ask moved.test http://moved.test/)" 301 "status of a redirect"

step "which rule answers: Kubernetes' own examples of paths and hosts"
rule() {  # rule NAME HOST PATH TYPE [ANNOTATION VALUE]: an Ingress that sends its requests to NAME.test
  local host=''
  [ "$2" = - ] || host="host: '$2'"
  cat <<END
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: $1
  labels: {of: rules}
  annotations:
    nginx.ingress.kubernetes.io/${5:-permanent-redirect}: '${6:-https://$1.test/}'
spec:
  ingressClassName: nginx
  rules:
    - http: {paths: [{path: '$3', pathType: $4, backend: {service: {name: helloworld-service, port: {number: 7070}}}}]}
      $host
END
}
{
  rule slash paths.test / Prefix
  rule login paths.test /login Prefix
  rule exact-login paths.test /login Exact
  rule a paths.test /a Prefix
  rule exact-ab paths.test /a/b Exact
  rule abc paths.test /a/b/c Prefix
  rule exact-trailing paths.test /t/ Exact
  rule host exact.wild.test / Prefix
  rule wild '*.wild.test' /a Prefix
  rule any - /a/long Prefix
  rule expression expression.test '/original/(.*)' ImplementationSpecific rewrite-target 'https://expression.test/$1'
  rule refused paths.test '/a b' Prefix
} | kubectl apply -f -
goes_to() { [ "$(curl -sS -o /dev/null -w '%{redirect_url}' --max-time 5 --resolve "$1:80:$address" "http://$1$2")" = "${3:+https://$3}" ]; }
while read -r host path want; do
  eventually 10 goes_to "$host" "$path" "$want"
done <<'END'
paths.test / slash.test/
paths.test /login exact-login.test/
paths.test /login/ login.test/
paths.test /login/x login.test/
paths.test /loginx slash.test/
paths.test /LOGIN slash.test/
paths.test /a a.test/
paths.test /a/ a.test/
paths.test /a/b exact-ab.test/
paths.test /a/b/ a.test/
paths.test /a/b/c abc.test/
paths.test /a/b/c/d abc.test/
paths.test /t slash.test/
paths.test /t/ exact-trailing.test/
exact.wild.test /a/long host.test/
other.wild.test /a/long wild.test/
far.other.wild.test /a/long any.test/
elsewhere.test /a/long any.test/
expression.test /original expression.test/
expression.test /original/other expression.test/other
expression.test /originality
END

step "an Ingress that is refused says why"
told() { kubectl get events --field-selector involvedObject.kind=Ingress,involvedObject.name=refused -o 'jsonpath={.items[*].message}' | has 'Nothing of this Ingress is served'; }
eventually 20 told
kubectl delete ingresses -l of=rules

step "another ADDRESS, without a restart of the controller"
pod=$(kubectl get pods -n ingress-nginx -o name)
skiff -p $profile addons configure ingress --set statusAddress=127.0.0.1
eventually 5 shows_address 127.0.0.1
expect_eq "$(kubectl get pods -n ingress-nginx -o name)" "$pod" "the controller's pod"

step "it comes back with the cluster"
skiff stop -p $profile
expect_error CLUSTER_NOT_RUNNING 89 skiff -p $profile addons open ingress --url
skiff start -p $profile
eventually 20 answers 200 helloworld.test http://helloworld.test/

step "disable leaves nothing"
kubectl delete ingresses --all
kubectl delete secret secure-certificate
skiff -p $profile addons disable ingress
eventually 15 same_objects
! ask helloworld.test http://helloworld.test/ 2>/dev/null || fail "something still answers"
