# SPDX-License-Identifier: Apache-2.0
# LoadBalancer services on localhost: the tutorial's step 4, clashes, and every way for a tunnel to end.
source "$(dirname "$0")/lib.sh"
use_profile e2e-tunnel

external_ip() { kubectl get service "$1" --no-headers | awk '{print $4}'; }
shows() { [ "$(external_ip "$1")" = "$2" ]; }
greets() { curl -sS --max-time 3 "$1" | has -E '^Hello world \(ID: [0-9]+\)$'; }
expect_greeting() { greets "$1" || fail "$1 does not greet"; }
expect_silence() { ! curl -s --max-time 3 "$1" >/dev/null || fail "$1 still answers"; }
hosts=$work/hosts
start_tunnel() {
  "$skiff_binary" -p $profile tunnel --hosts-file "$hosts" "$@" >"$work/tunnel" 2>&1 &
  tunnel=$!
}
end_tunnel() {  # end_tunnel SIGNAL: it says so and ends well
  kill "-$1" $tunnel
  wait $tunnel || fail "the tunnel ended with $? on $1: $(cat "$work/tunnel")"
}

step "a cluster with the tutorial's application"
printf '127.0.0.1 localhost\n' >"$hosts"
cp "$hosts" "$work/hosts-before"
skiff start -p $profile
skiff -p $profile image load "$(skiff image prepare hello)"
kubectl apply -f "$here/manifests/hello.yaml"
kubectl rollout status deployment/helloworld --timeout=120s
kubectl apply -f "$here/manifests/loadbalancer.yaml"
expect_eq "$(external_ip helloworld-service3)" '<pending>'

step "with the tunnel it has an address that answers"
start_tunnel
eventually 10 shows helloworld-service3 127.0.0.1
expect_greeting localhost:9000
! grep -qs '^0*1 ' /proc/net/if_inet6 || expect_greeting '[::1]:9000'

step "the same port twice: an address of its own"
eventually 5 shows second 127.0.0.2
expect_greeting 127.0.0.2:9000
skiff -p $profile tunnel status | has -E '^default/second +127\.0\.0\.2 +9000/tcp' || fail "tunnel status: $(skiff -p $profile tunnel status)"

step "what belongs to others is left alone"
expect_eq "$(external_ip foreign)" '<pending>'

step "a second tunnel is refused"
expect_error TUNNEL_CONFLICT 111 skiff -p $profile tunnel --no-hosts

step "a hosts file that is none"
skiff -p $profile tunnel stop
wait $tunnel || fail "the tunnel ended with $?"
expect_error USAGE 14 skiff -p $profile tunnel --hosts-file hosts
expect_error HOST_ERROR 30 skiff -p $profile tunnel --hosts-file "$work"
start_tunnel
eventually 10 shows second 127.0.0.2

step "services that come and go"
kubectl create service loadbalancer later --tcp=9100:7070
kubectl patch service later -p '{"spec":{"selector":{"app":"helloworld-backend"}}}'
eventually 5 shows later 127.0.0.1
eventually 5 greets localhost:9100  # its endpoints come after the service
kubectl delete service later
gone() { ! curl -s --max-time 3 localhost:9100 >/dev/null; }
eventually 5 gone

for signal in INT TERM HUP; do
  step "$signal takes everything back"
  end_tunnel $signal
  expect_eq "$(external_ip helloworld-service3)" '<pending>'
  expect_eq "$(external_ip second)" '<pending>'
  expect_silence localhost:9000
  start_tunnel
  eventually 10 shows helloworld-service3 127.0.0.1
  eventually 10 shows second 127.0.0.2
done

step "a node is killed and started again"
docker kill "$profile-cp1" >/dev/null
skiff start -p $profile
eventually 60 greets localhost:9000

step "after kill -9 the next start cleans"
kill -9 $tunnel
wait $tunnel 2>/dev/null || true
expect_eq "$(external_ip second)" 127.0.0.2
skiff start -p $profile
expect_eq "$(external_ip helloworld-service3)" '<pending>'
expect_eq "$(external_ip second)" '<pending>'

step "after kill -9 the next tunnel goes on; tunnel stop ends it"
start_tunnel
eventually 10 shows second 127.0.0.2
kill -9 $tunnel
wait $tunnel 2>/dev/null || true
start_tunnel
eventually 10 shows second 127.0.0.2
eventually 10 greets 127.0.0.2:9000
skiff -p $profile tunnel stop
wait $tunnel || fail "the tunnel ended with $?"
expect_eq "$(external_ip second)" '<pending>'
cmp "$hosts" "$work/hosts-before" || fail "the hosts file has changed"

step "Ingress hosts: served on port 80, mapped in the hosts file, gone with the tunnel"
skiff -p $profile addons enable ingress
kubectl apply -f "$here/manifests/ingress.yaml"
status() { curl -s -o /dev/null -w '%{http_code}' --max-time 3 --resolve helloworld.test:80:127.0.0.1 "http://helloworld.test$1"; }
answers() { [ "$(status "$1")" = "$2" ]; }
start_tunnel
eventually 10 grep -q '^127\.0\.0\.1 helloworld\.test ' "$hosts"
eventually 10 answers / 200
eventually 10 answers /crash 503

step "another program rewrites the hosts file"
cp "$work/hosts-before" "$hosts"
eventually 15 grep -q '^127\.0\.0\.1 helloworld\.test ' "$hosts"
printf '127.0.0.1 localhost\n192.0.2.7 helloworld.test\n' >"$hosts"
conflicts() { skiff -p $profile tunnel status | has '^ingress .*:2 maps helloworld.test to 192.0.2.7 already'; }
eventually 15 conflicts
cp "$work/hosts-before" "$hosts"
eventually 15 grep -q '^127\.0\.0\.1 helloworld\.test ' "$hosts"
kubectl delete -f "$here/manifests/ingress.yaml"
eventually 15 cmp "$hosts" "$work/hosts-before"
kubectl apply -f "$here/manifests/ingress.yaml"
eventually 15 grep -q helloworld.test "$hosts"
end_tunnel INT
cmp "$hosts" "$work/hosts-before" || fail "the hosts file has changed"
start_tunnel
eventually 10 grep -q helloworld.test "$hosts"
kill -9 $tunnel
wait $tunnel 2>/dev/null || true
skiff start -p $profile
cmp "$hosts" "$work/hosts-before" || fail "a killed tunnel's hosts are left"

step "a tunnel in the background"
skiff -p $profile tunnel --detach --hosts-file "$hosts"
expect_greeting 127.0.0.2:9000
expect_eq "$(external_ip second)" 127.0.0.2
expect_error TUNNEL_CONFLICT 111 skiff -p $profile tunnel --detach
url=$(skiff -p $profile service helloworld-service --url)
expect_greeting "$url"
skiff -p $profile tunnel stop
expect_silence 127.0.0.2:9000
expect_eq "$(external_ip second)" '<pending>'
expect_greeting "$url"
skiff -p $profile tunnel status 2>&1 | has 'There is no tunnel' || fail "tunnel status shows one"
skiff -p $profile service stop

step "a port that another program has: an Event, and a line in tunnel status"
kubectl patch service second -p '{"spec":{"loadBalancerIP":"127.0.0.7"}}'
python3 -m http.server --bind 127.0.0.7 9000 >/dev/null 2>&1 &
other=$!
taken() { curl -s -o /dev/null --max-time 1 127.0.0.7:9000; }
eventually 10 taken
skiff -p $profile tunnel --detach --hosts-file "$hosts"
skiff -p $profile tunnel status | has 'default/second .*taken' || fail "$(skiff -p $profile tunnel status)"
kubectl get events | has TunnelFailed || fail "no Event"
expect_eq "$(external_ip second)" '<pending>'
kill $other
eventually 15 shows second 127.0.0.7
expect_greeting 127.0.0.7:9000
skiff -p $profile tunnel stop

step "delete ends a tunnel"
start_tunnel
eventually 10 shows second 127.0.0.7
skiff delete -p $profile
wait $tunnel || fail "the tunnel ended with $?: $(cat "$work/tunnel")"
expect_silence localhost:9000
expect_nothing_left $profile
