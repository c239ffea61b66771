# SPDX-License-Identifier: Apache-2.0
# The tunnel and services of an ordinary user: with the sudoers rule of docs/tunnel.md, with a sudo that asks for a
# password, and without sudo. In a mount namespace of its own, so that the machine's /etc/hosts stays what it is.
if [ "$(id -u)" = 0 ] && [ -z "${SKIFF_E2E_NAMESPACE:-}" ]; then
  exec unshare --mount --propagation private env SKIFF_E2E_NAMESPACE=1 bash "$0" "$@"
fi
source "$(dirname "$0")/lib.sh"
skip() { printf 'skipped: %s\n' "$*"; exit 0; }
[ "$(id -u)" = 0 ] || skip "only root can make a temporary user"
for program in useradd userdel chpasswd runuser sudo python3; do
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
chmod 755 "$work"
binary=$work/skiff  # root's, in folders of root's: else a rule that names it would be root for whoever may replace it
install -m 755 "$skiff_binary" "$binary"
hosts=/etc/hosts
printf '127.0.0.1 localhost\n' >"$work/hosts"
mount --bind "$work/hosts" $hosts
cp $hosts "$work/hosts-before"
allow() { printf '%s ALL=(root) %s%s __helper\n' $user "$1" "$binary" >$rule; chmod 440 $rule; }

as_user() {
  runuser -u $user -- env SKIFF_HOME=$home/.skiff KUBECONFIG=$home/kubeconfig SKIFF_CACHE_DIR=$home/cache "$binary" "$@"
}
on_terminal() {  # the same on a terminal, where sudo asks for the password
  python3 "$here/type_password.py" "$password" runuser -u $user -- env SKIFF_HOME=$home/.skiff KUBECONFIG=$home/kubeconfig \
    SKIFF_CACHE_DIR=$home/cache "$binary" "$@"
}
kubectl() { as_user -p $profile kubectl -- "$@"; }
external_ip() { kubectl get service "$1" --no-headers | awk '{print $4}'; }
shows() { [ "$(external_ip "$1")" = "$2" ]; }
helpers() { ps -eo args | grep -c '[_]_helper --detached' || true; }
start_tunnel() {
  as_user -p $profile tunnel "$@" >"$work/tunnel" 2>&1 </dev/null &
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
  rules:
  - {host: mapped.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: helloworld-service, port: {number: 7070}}}}]}}
  - {host: github.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: helloworld-service, port: {number: 7070}}}}]}}
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
kubectl get events | has TunnelFailed || fail "no Event"
url=$(as_user -p $profile service helloworld-service --url)
greets "$url" || fail "$url does not greet"
expect_error PERMISSION 37 as_user -p $profile service helloworld-service --url --local-port 80
greets "$url" || fail "$url does not greet any more"
end_tunnel
expect_eq "$(external_ip on-9000)" '<pending>'
expect_eq "$(helpers)" 0 "helpers"

step "with the rule that is enough: one helper has both ports and the hosts"
allow 'NOPASSWD: '
for other in "true" "$binary __helper --detached" "$binary status"; do
  ! runuser -u $user -- sudo -n $other >/dev/null 2>&1 || fail "the rule allows '$other'"
done
start_tunnel
eventually 20 shows on-80 127.0.0.2
greets 127.0.0.2:80 || fail "port 80 does not greet"
grep -q "^127\.0\.0\.1 mapped\.test # skiff $profile@$(id -u $user)-" $hosts || fail "$(cat $hosts)"
! grep -q github.com $hosts || fail "a stranger's name is mapped: $(cat $hosts)"
expect_match "$(as_user -p $profile tunnel status)" 'ingress .*--allow-host github.com'
greets localhost:9000 || fail "port 9000 does not greet"
expect_eq "$(helpers)" 1 "helpers"
expect_eq "$(stat -c %U "/proc/$(tunnel_process)")" $user "whose the tunnel is"
end_tunnel
expect_eq "$(external_ip on-80)" '<pending>'
gone() { [ "$(helpers)" = 0 ]; }
eventually 10 gone
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"

step "the helper edits no other file, and a pattern lets a stranger's name in"
cp $hosts $home/hosts
start_tunnel --hosts-file $home/hosts
eventually 20 shows on-80 127.0.0.2
refuses() { as_user -p $profile tunnel status | has "ingress .*helper edits /etc/hosts alone"; }
eventually 10 refuses
end_tunnel
cmp $home/hosts "$work/hosts-before" || fail "the other file has changed"
start_tunnel --allow-host '*.com'
eventually 20 grep -q '^127\.0\.0\.1 github\.com ' $hosts
end_tunnel
eventually 10 gone

step "a file that others may write is none that root's helper edits"
chmod 666 $hosts
start_tunnel
eventually 20 shows on-9000 127.0.0.1
expect_eq "$(external_ip on-80)" '<pending>' "a helper on a file of everybody's"
end_tunnel
chmod 644 $hosts

step "a tunnel in the background has the helper that asked for the password on the terminal"
password=e2e-$RANDOM$RANDOM
echo "$user:$password" | chpasswd
allow ''
on_terminal -p $profile tunnel --detach >"$work/tunnel" || fail "exit code $?: $(cat "$work/tunnel")"
served() {
  eventually 20 shows on-80 127.0.0.2
  greets 127.0.0.2:80 || fail "port 80 does not greet"
  grep -q '^127\.0\.0\.1 mapped\.test ' $hosts || fail "$(cat $hosts)"
  expect_eq "$(helpers)" 1 "helpers"
  expect_eq "$(stat -c %U "/proc/$(tunnel_process)")" $user "whose the tunnel is"
}
served
as_user stop -p $profile
eventually 10 gone
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"
on_terminal start -p $profile >"$work/told" || fail "exit code $?: $(cat "$work/told")"
kubectl rollout status deployment/helloworld --timeout=120s
eventually 20 greets 127.0.0.2:80
served
as_user -p $profile tunnel stop
eventually 10 gone
cmp $hosts "$work/hosts-before" || fail "the hosts file has changed"
allow 'NOPASSWD: '

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
  kill -9 $(ps -eo pid,args | awk -v program="$binary" '$2 == program && $3 == "__helper" { print $1 }')
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
grep -q "$hosts still has a tunnel's lines; remove those with '# skiff $profile@" "$work/told" || fail "$(cat "$work/told")"
start_tunnel
eventually 20 shows on-9000 127.0.0.1
end_tunnel
grep -q "$hosts still has a tunnel's lines" "$work/tunnel" || fail "$(cat "$work/tunnel")"
allow 'NOPASSWD: '
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
