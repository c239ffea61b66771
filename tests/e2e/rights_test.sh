# The tunnel and services of an ordinary user: with a sudo that asks for nothing, and without.
source "$(dirname "$0")/lib.sh"
skip() { printf 'skipped: %s\n' "$*"; exit 0; }
[ "$(id -u)" = 0 ] || skip "only root can make a temporary user"
for program in useradd userdel runuser sudo; do
  command -v $program >/dev/null || skip "$program is not installed"
done
[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 80 ] || skip "everybody may listen on port 80 here"
use_profile e2e-rights

user=skiff-e2e
rule=/etc/sudoers.d/skiff-e2e
drop_user() {
  rm -f $rule
  userdel -r $user 2>/dev/null || true
}
trap 'code=$?; as_user delete -p $profile >/dev/null 2>&1 || true; drop_user; (exit $code); finish' EXIT
drop_user
useradd -m -G "$(stat -c %G /var/run/docker.sock)" $user
home=/home/$user
install -o $user "$skiff_binary" $home/skiff
chmod 755 "$work"
hosts=$home/hosts
printf '127.0.0.1 localhost\n' >$hosts  # root's, as /etc/hosts is
cp $hosts "$work/hosts-before"

as_user() {
  runuser -u $user -- env SKIFF_HOME=$home/.skiff KUBECONFIG=$home/kubeconfig SKIFF_CACHE_DIR=$home/cache $home/skiff "$@"
}
kubectl() { as_user -p $profile kubectl -- "$@"; }
external_ip() { kubectl get service "$1" --no-headers | awk '{print $4}'; }
shows() { [ "$(external_ip "$1")" = "$2" ]; }
greets() { curl -sS --max-time 3 "$@" | grep -qE '^Hello world'; }
helpers() { ps -eo args | grep -c '[_]_helper --hosts-file' || true; }
start_tunnel() {
  as_user -p $profile tunnel --hosts-file $hosts "$@" >"$work/tunnel" 2>&1 </dev/null &
  tunnel=$!
}
tunnel_process() { as_user -p $profile tunnel status -o json | sed -n 's/.*"process":\([0-9]*\).*/\1/p'; }
end_tunnel() {
  as_user -p $profile tunnel stop
  wait $tunnel || fail "the tunnel ended with $?: $(cat "$work/tunnel")"
}

step "a cluster of an ordinary user"
for image in hello; do
  archive=$(skiff image prepare $image)
  install -o $user "$archive" $home/$image.tar
done
as_user start -p $profile
as_user -p $profile image load $home/hello.tar
kubectl apply -f - <"$here/manifests/hello.yaml"
kubectl rollout status deployment/helloworld --timeout=120s
for port in 80 9000; do
  kubectl create service loadbalancer on-$port --tcp=$port:7070
  kubectl patch service on-$port -p '{"spec":{"selector":{"app":"helloworld-backend"}}}'
done
kubectl create namespace ingress-nginx
kubectl -n ingress-nginx create service clusterip ingress-nginx-controller --tcp=80  # what the tunnel goes by
kubectl apply -f - <<'END'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: mapped}
spec:
  rules: [{host: mapped.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: helloworld-service, port: {number: 7070}}}}]}}]
END

step "without sudo: what needs no root works, the rest is told of"
start_tunnel
eventually 20 shows on-9000 127.0.0.1
greets localhost:9000 || fail "port 9000 does not greet"
expect_eq "$(external_ip on-80)" '<pending>' "a port that cannot be had"
grep -q 'Listening on 127.0.0.2:80/tcp needs root' "$work/tunnel" || fail "$(cat "$work/tunnel")"
expect_match "$(as_user -p $profile tunnel status)" 'default/on-80 .*needs root'
expect_match "$(as_user -p $profile tunnel status)" 'ingress .*needs root'
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"
kubectl get events | grep -q TunnelFailed || fail "no Event"
url=$(as_user -p $profile service helloworld-service --url)
greets "$url" || fail "$url does not greet"
expect_error PERMISSION 37 as_user -p $profile service helloworld-service --url --local-port 80
greets "$url" || fail "$url does not greet any more"
end_tunnel
expect_eq "$(external_ip on-9000)" '<pending>'
expect_eq "$(helpers)" 0 "helpers"

step "with a sudo that asks for nothing: one helper has both ports and the hosts"
printf '%s ALL=(root) NOPASSWD: ALL\n' $user >$rule
chmod 440 $rule
start_tunnel
eventually 20 shows on-80 127.0.0.2
greets 127.0.0.2:80 || fail "port 80 does not greet"
grep -q '^127\.0\.0\.1 mapped\.test ' $hosts || fail "$(cat $hosts)"
greets localhost:9000 || fail "port 9000 does not greet"
expect_eq "$(helpers)" 1 "helpers"
expect_eq "$(stat -c %U "/proc/$(tunnel_process)")" $user "whose the tunnel is"
end_tunnel
expect_eq "$(external_ip on-80)" '<pending>'
gone() { [ "$(helpers)" = 0 ]; }
eventually 10 gone
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"

step "kill -9 of the tunnel: its helper ends, the next start cleans"
start_tunnel
eventually 20 shows on-80 127.0.0.2
kill -9 "$(tunnel_process)"
wait $tunnel 2>/dev/null || true
eventually 10 gone
! curl -s --max-time 3 127.0.0.2:80 >/dev/null || fail "port 80 is still open"
as_user start -p $profile
expect_eq "$(external_ip on-80)" '<pending>'
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"

kill_both() {  # the tunnel and its helper, so that nobody takes the hosts back
  local process
  process=$(tunnel_process)
  kill -9 $(ps -eo pid,args | awk -v program=$home/skiff '$2 == program && $3 == "__helper" { print $1 }')
  kill -9 "$process"
  wait $tunnel 2>/dev/null || true
  eventually 10 gone
  grep -q mapped.test $hosts || fail "nothing is left to clean"
}
step "kill -9 of both: start goes on without sudo and says so, the next tunnel cleans"
start_tunnel
eventually 20 grep -q mapped.test $hosts
kill_both
rm $rule
as_user start -p $profile 2>"$work/told"
grep -q "$hosts still has a tunnel's lines; remove those with '# skiff $profile'" "$work/told" || fail "$(cat "$work/told")"
start_tunnel
eventually 20 shows on-9000 127.0.0.1
end_tunnel
grep -q "$hosts still has a tunnel's lines" "$work/tunnel" || fail "$(cat "$work/tunnel")"
printf '%s ALL=(root) NOPASSWD: ALL\n' $user >$rule
chmod 440 $rule
start_tunnel
eventually 20 shows on-80 127.0.0.2
kill_both
as_user tunnel stop -p $profile
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"

step "delete cleans after such a kill, and leaves nothing"
start_tunnel
eventually 20 grep -q mapped.test $hosts
kill_both
as_user delete -p $profile
expect_nothing_left $profile
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"
