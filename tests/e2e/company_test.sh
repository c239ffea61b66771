# SPDX-License-Identifier: Apache-2.0
# In a company's network: a proxy that ends TLS with an authority of its own is the only way out, registries want a login.
source "$(dirname "$0")/lib.sh"
use_profile e2e-company
for name in HTTP_PROXY HTTPS_PROXY NO_PROXY; do unset "$name" "${name,,}"; done

company=$work/company
mkdir -p "$company/site" "$SKIFF_HOME/certs" "$work/bin"
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1 authority" -keyout "$company/$1.key" -out "$company/$1.pem" 2>/dev/null; }
authority company
authority world
hello=$(skiff image prepare hello)
cp "$hello" "$company/image.tar"
host=$(ip -4 -o address show docker0 | sed -n 's|.* inet \([0-9.]*\)/.*|\1|p')  # one that nodes reach
python3 "$here/company.py" "$company" "$host" 2>"$company/log" &
server=$!
at_end() { kill $server; cat "$company/log"; }
eventually 30 test -e "$company/port"
place=$host:$(cat "$company/port")
proxy=http://$place
asked() { has -F "$1" <"$company/requests" || fail "the proxy was not asked for $1: $(cat "$company/requests")"; }

step "images of a release are fetched by the proxy, and what stands in the way is named"
mkdir -p "$work/filled/images"
cp -r "$(dirname "$hello")" "$work/filled/images/"
SKIFF_CACHE_DIR=$work/filled skiff node-image save "$company/site"
fetch() { SKIFF_CACHE_DIR=$work/empty HTTPS_PROXY=$proxy HTTP_PROXY=$proxy SKIFF_IMAGES=$1 skiff image prepare hello; }
expect_error CERTIFICATE_UNTRUSTED 48 fetch https://images.company.test
expect_match "$(cat "$work/stderr")" 'issuer certificate'
cp "$company/company.pem" "$SKIFF_HOME/certs/"
expect_error CERTIFICATE_UNTRUSTED 48 fetch https://expired.company.test
expect_match "$(cat "$work/stderr")" 'expired'
expect_error PROXY_REFUSED 47 fetch https://elsewhere.test
echo ann:secret >"$company/password"
expect_error PROXY_REFUSED 47 fetch https://images.company.test
expect_error PROXY_REFUSED 47 fetch http://images.company.test
expect_match "$(cat "$work/stderr")" 'asks for a password'
proxy=http://ann:wrong@$place expect_error PROXY_REFUSED 47 fetch https://images.company.test
! has -F ann:wrong <"$work/stderr" || fail "the password is told"
(proxy=http://ann:secret@$place; fetch https://images.company.test)
rm "$company/password"
rm -r "$work/empty"
fetch http://images.company.test
asked 'CONNECT images.company.test:443'
asked 'GET http://images.company.test:80/SHA256SUMS'
rm "$SKIFF_HOME/certs/company.pem"

step "a cluster takes the proxies of the environment; what it lacks is named"
expect_error USAGE 14 skiff start -p $profile --proxy http://127.0.0.1:3128
expect_error USAGE 14 skiff start -p $profile --proxy socks5://proxy.test
expect_error CONFIG_INVALID 18 skiff start -p $profile --ca-file "$company/company.key"
expect_error HOST_ERROR 30 skiff start -p $profile --registry-config "$work/absent"
HTTPS_PROXY=$proxy skiff start -n 2 -p $profile --schedule-on-control-plane=true
expect_match "$(HTTPS_PROXY=$proxy skiff doctor)" "cluster '$profile'"
kubectl create deployment stays --image=skiff.dev/pause:1
kubectl rollout status deployment/stays --timeout=60s
image=registry.company.test/hello:1
pull() { skiff -p $profile image pull "${1:-$image}"; }
expect_error CERTIFICATE_UNTRUSTED 48 pull
same() { docker ps --no-trunc --filter "label=dev.skiff.cluster=$profile" --format '{{.ID}} {{.CreatedAt}}'; kubectl get pods -o 'jsonpath={.items[*].metadata.uid} {.items[*].status.containerStatuses[*].restartCount}'; }
before=$(same)
again() { HTTPS_PROXY=$proxy skiff start -p $profile "$@"; }

step "an authority, logins and a mirror come to nodes that run"
again --ca-file "$company/company.pem"
expect_error REGISTRY_DENIED 77 pull
printf '{"auths": {"registry.company.test": {"auth": "%s"}}}' "$(printf ann:wrong | base64)" >"$work/login.json"
again --registry-config "$work/login.json"
expect_error REGISTRY_DENIED 77 pull
printf '#!/bin/sh\ncat >/dev/null\n[ $1 = list ] && echo "{}" || echo "{\\"Username\\": \\"ann\\", \\"Secret\\": \\"secret\\"}"\n' >"$work/bin/docker-credential-company"
chmod +x "$work/bin/docker-credential-company"
echo '{"credHelpers": {"registry.company.test": "company"}}' >"$work/login.json"
expect_error TOOL_NOT_FOUND 33 again
PATH=$work/bin:$PATH again --registry-mirror https://mirror.company.test
PATH=$work/bin:$PATH pull
pod() { kubectl run "$1" --image="$2" --image-pull-policy=Always && kubectl wait "pod/$1" --for=condition=Ready --timeout=60s; }
pod by-login $image
pod by-mirror hello:1
asked 'CONNECT registry.company.test:443'
asked 'CONNECT mirror.company.test:443'
expect_eq "$(same | head -n 2)" "$(echo "$before" | head -n 2)" "the nodes"
expect_match "$(same)" "$(echo "$before" | tail -n 1 | cut -d' ' -f1)" "the pod from before"

step "another proxy, and none, without another node"
echo ann:secret >"$company/password"
export PATH=$work/bin:$PATH
expect_error PROXY_REFUSED 47 pull
again --proxy "http://ann:secret@$place"
pull
expect_match "$(skiff -p $profile ssh 'tr "\0" "\n" </proc/$(pidof containerd)/environ')" "NO_PROXY=[^ ]*,\.svc,\.cluster\.local"
! skiff start -p $profile --dry-run --proxy "http://ann:other@$place" | has -F ann:other || fail "the password is told"
skiff start -p $profile --proxy none --ca-file none --registry-config none
for node in $profile-cp1 $profile-w1; do
  expect_eq "$(docker exec $node sh -c 'tr "\0" "\n" </proc/$(pidof containerd)/environ | grep -c _PROXY; ls /etc/ssl/certs | grep -c skiff-ca; ls /var/lib/kubelet/config.json /etc/skiff/containerd.env 2>/dev/null | wc -l' | tr '\n' ' ')" "0 0 0 " "what is left in $node"
done
skiff -p $profile status
expect_eq "$(same | head -n 2)" "$(echo "$before" | head -n 2)" "the nodes"
