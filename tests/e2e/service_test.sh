# SPDX-License-Identifier: Apache-2.0
# Services on localhost: the tutorial's step 3, and what goes wrong around it.
source "$(dirname "$0")/lib.sh"
use_profile e2e-service

greets() { curl -sS --max-time 3 "$1" | has -E '^Hello world \(ID: [0-9]+\)$'; }
expect_greeting() { greets "$1" || fail "$1 does not greet"; }
expect_silence() { ! curl -s --max-time 3 "$1" >/dev/null || fail "$1 still answers"; }
has_ipv6() { grep -qs '^0*1 ' /proc/net/if_inet6; }
agent() { cut -d' ' -f1 "$SKIFF_HOME/profiles/$profile/state/agent.pid"; }
ended() { ! kill -0 "$1" 2>/dev/null; }
url_of() { skiff -p $profile service "$1" --url; }

step "a cluster with the tutorial's application"
skiff start -p $profile -n 2
load_images
kubectl apply -f "$here/manifests/hello.yaml" -f "$here/manifests/nodeport.yaml" -f "$here/manifests/odd-services.yaml" \
  -f "$here/manifests/two-ports.yaml"

step "--url waits for pods, prints a URL and returns"
url=$(skiff -p $profile service helloworld-service2 --wait 120s --url)
expect_match "$url" '^http://127\.0\.0\.1:[0-9]+$'
expect_greeting "$url"
kubectl rollout status deployment/helloworld --timeout=120s

step "localhost is both of its addresses"
! has_ipv6 || expect_greeting "http://[::1]:${url##*:}"
expect_greeting "http://localhost:${url##*:}"

step "asked again, it is the same URL; another profile flag order, a format"
expect_eq "$(skiff service helloworld-service2 --url -p $profile)" "$url"
expect_eq "$(skiff -p $profile service helloworld-service2 --url --format '{{.Port}}')" "${url##*:}"
expect_eq "$(skiff -p $profile service helloworld-service2 --url --https)" "https${url#http}"

step "a ClusterIP service, through a node"
inner=$(url_of helloworld-service)
[ "$inner" != "$url" ] || fail "two services share $url"
expect_greeting "$inner"
skiff -p $profile service list | grep -F "$inner" | has helloworld-service || fail "the list does not show $inner"
skiff -p $profile service list -n default -o json | has -F "\"$inner\"" || fail "the JSON list does not show $inner"

step "several services, named ports, every service of a namespace"
urls=$(skiff -p $profile service helloworld-service2 helloworld-service two-ports --url)
expect_eq "$(wc -l <<<"$urls")" 4
expect_eq "$(head -n 2 <<<"$urls")" "$url"$'\n'"$inner"
for each in $urls; do expect_greeting "$each"; done
expect_eq "$(skiff -p $profile service two-ports --url --format '{{.Name}} at {{.IP}}' | sort)" $'first at 127.0.0.1\nsecond at 127.0.0.1'
expect_error USAGE 14 skiff -p $profile service two-ports --url --local-port 18392
expect_error USAGE 14 skiff -p $profile service two-ports helloworld-service --url --local-port 18392
kubectl create namespace other >/dev/null
kubectl apply -n other -f "$here/manifests/hello.yaml" >/dev/null
away=$(skiff -p $profile service --all -n other --wait 120s --url)
expect_greeting "$away"
skiff -p $profile service stop -n other
expect_silence "$away"
expect_greeting "$inner"
away=$(skiff -p $profile service helloworld-service -n other --url)
skiff -p $profile service stop -n other helloworld-service
expect_silence "$away"
expect_error SERVICE_NOT_FOUND 113 skiff -p $profile service --all -n kube-node-lease --url

step "without --url a browser opens, and a line says when there is none"
mkdir "$work/bin"
printf '#!/bin/sh\necho "$1" >>%s\n' "$work/browser" >"$work/bin/xdg-open"
chmod +x "$work/bin/xdg-open"
PATH=$work/bin:$PATH "$skiff_binary" -p $profile service helloworld-service2 >/dev/null
expect_eq "$(cat "$work/browser")" "$url" "what the browser was given"
printf '#!/bin/sh\nexit 3\n' >"$work/bin/xdg-open"
expect_match "$(PATH=$work/bin:$PATH "$skiff_binary" -p $profile service helloworld-service2 2>&1)" 'open the address in one yourself'
mkdir "$work/none"
ln -s "$(command -v docker)" "$work/none/docker"
expect_match "$(PATH=$work/none "$skiff_binary" -p $profile service helloworld-service2 2>&1)" 'There is no xdg-open here'

step "an address of this host, and one that it does not have"
own=$(hostname -I | cut -d' ' -f1)
here_url=$(skiff -p $profile service helloworld-service2 --url --bind-address "$own")
expect_match "$here_url" "^http://$own:[0-9]+\$"
expect_greeting "$here_url"
expect_error USAGE 14 skiff -p $profile service helloworld-service2 --url --bind-address 203.0.113.7
expect_error USAGE 14 skiff -p $profile service helloworld-service2 --url --bind-address here
url=$(skiff -p $profile service helloworld-service2 --url --bind-address 127.0.0.1)

step "a chosen port, and a port that is taken"
free=$(skiff -p $profile service helloworld-service2 --url --local-port 18391)
expect_eq "$free" http://127.0.0.1:18391
expect_greeting "$free"
expect_silence "$url"
url=$free
expect_error PORT_IN_USE 31 skiff -p $profile service helloworld-service --url --local-port 18391
expect_greeting "$inner"

step "from one address of this host to all of them and back, on the same port"
python3 -m http.server --bind "$own" 18391 >/dev/null 2>&1 &
other=$!
taken() { curl -s -o /dev/null --max-time 1 "$own:18391"; }
eventually 10 taken
expect_error PORT_IN_USE 31 skiff -p $profile service helloworld-service2 --url --local-port 18391 --bind-address 0.0.0.0
expect_greeting "$url"
kill $other
wait $other || true
skiff -p $profile service helloworld-service2 --url --local-port 18391 --bind-address 0.0.0.0
expect_greeting "$url"
expect_greeting "http://$own:18391"
skiff -p $profile service helloworld-service2 --url --local-port 18391 --bind-address 127.0.0.1
expect_greeting "$url"
expect_silence "http://$own:18391"

step "--foreground ends with Ctrl-C"
"$skiff_binary" -p $profile service helloworld-service2 --url --foreground >"$work/foreground" 2>/dev/null &
pid=$!
eventually 10 test -s "$work/foreground"
expect_greeting "$(cat "$work/foreground")"
kill -INT $pid
wait $pid || fail "--foreground ended with $?"
expect_silence "$(cat "$work/foreground")"

step "what cannot be forwarded"
expect_error SERVICE_NOT_FOUND 113 skiff -p $profile service helloworld-servise2 --url
grep -q "'helloworld-service2'" "$work/stderr" || fail "the nearest name is not named"
expect_error SERVICE_NOT_FOUND 113 skiff -p $profile service kubernetes -n defualt --url
expect_error SERVICE_TIMEOUT 112 skiff -p $profile service nowhere --url --wait 1s
expect_error SERVICE_TIMEOUT 112 skiff -p $profile service nobody --url --wait 1s
expect_error SERVICE_UNREACHABLE 119 skiff -p $profile service nobody --url
expect_error SERVICE_ERROR 110 skiff -p $profile service elsewhere --url
expect_error SERVICE_ERROR 110 skiff -p $profile service portless --url
expect_error USAGE 14 skiff -p $profile service helloworld-service2 --url --format 'http://{{.Host}}'
expect_error USAGE 14 skiff -p $profile service helloworld-service2 --url --local-port 70000
expect_error USAGE 14 skiff -p $profile service --url

step "the agent is killed: the next command has the same URLs again"
old=$(agent)
kill -9 "$old"
eventually 5 ended "$old"
expect_eq "$(url_of helloworld-service2)" "$url"
expect_greeting "$url"
expect_greeting "$inner"

step "a node is killed and started again: the URL answers again"
docker kill "$profile-cp1" >/dev/null
skiff start -p $profile
eventually 60 greets "$url"
eventually 60 greets "$inner"

step "service stop"
skiff -p $profile service stop helloworld-service
expect_silence "$inner"
expect_greeting "$url"
last=$(agent)
skiff -p $profile service stop
expect_silence "$url"
eventually 10 ended "$last"

step "stop parks the forwards, start brings them back, and a stopped cluster is named"
url=$(url_of helloworld-service2)
inner=$(url_of helloworld-service)
last=$(agent)
skiff stop -p $profile
eventually 10 ended "$last"
expect_silence "$url"
expect_error CLUSTER_NOT_RUNNING 89 skiff -p $profile service helloworld-service2 --url
skiff -p $profile service stop helloworld-service
skiff start -p $profile
expect_eq "$(skiff -p $profile service list -o json | grep -o 'http://127[^"]*')" "$url" "what is forwarded"
eventually 60 greets "$url"
expect_silence "$inner"

step "a port that was taken meanwhile is told of"
skiff stop -p $profile
python3 -m http.server --bind 127.0.0.1 "${url##*:}" >/dev/null 2>&1 &
other=$!
taken() { curl -s -o /dev/null --max-time 1 "$url"; }
eventually 10 taken
skiff start -p $profile 2>"$work/told"
grep -q "could not be resumed: .*127.0.0.1:${url##*:}/tcp is taken" "$work/told" || fail "$(cat "$work/told")"
kill $other

step "delete leaves nothing"
url=$(skiff -p $profile service helloworld-service2 --wait 60s --url)
last=$(agent)
skiff delete -p $profile
eventually 10 ended "$last"
expect_silence "$url"
expect_nothing_left $profile
expect_error PROFILE_NOT_FOUND 13 skiff -p $profile service helloworld-service2 --url
