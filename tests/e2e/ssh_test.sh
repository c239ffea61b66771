# SPDX-License-Identifier: Apache-2.0
# A Docker on another machine that is reached by ssh alone: an sshd of this test's own, keys and a configuration of its own.
source "$(dirname "$0")/lib.sh"
use_profile e2e-ssh
socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
[[ $socket == unix://* ]] || { echo "skipped: the engine is remote already ($socket)"; exit 77; }
[ "$(id -u)" = 0 ] || { echo "skipped: an sshd of one's own wants root"; exit 77; }
docker() { DOCKER_HOST=$socket "$(type -P docker)" "$@"; }

step "a machine that ssh knows by a name of the user's"
port=$(free_port)
mkdir -p "$work/bin" /run/sshd
for key in host other mine stranger; do ssh-keygen -q -t ed25519 -N '' -f "$work/$key"; done
# sshd checks who owns the folders above a file of keys, but not those of what a command prints.
cat >"$work/sshd_config" <<END
ListenAddress 127.0.0.1:$port
HostKey $work/host
AuthorizedKeysFile none
AuthorizedKeysCommand /bin/cat $work/mine.pub
AuthorizedKeysCommandUser root
PasswordAuthentication no
PidFile none
END
cat >"$work/ssh_config" <<END
Host engine
  HostName 127.0.0.1
  Port $port
  User root
  IdentityFile $work/mine
  IdentitiesOnly yes
  UserKnownHostsFile $work/known_hosts
END
# ssh takes its configuration from the user's home alone: the one given here stands for it.
printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(type -P ssh)" "$work/ssh_config" >"$work/bin/ssh"
chmod +x "$work/bin/ssh"
export PATH=$work/bin:$PATH
tunnels() { pgrep -f "ControlPath=$SKIFF_HOME/ssh/.*$1" || true; }  # tunnels SOCKET
no_tunnel() { [ -z "$(tunnels "$1")" ]; }
end_tunnels() { tunnels "$1" | xargs -r kill; }
logins() { grep -c 'Accepted publickey' "$work/sshd.log"; }
at_end() { kill "$sshd"; end_tunnels .sock; }
/usr/sbin/sshd -D -e -f "$work/sshd_config" 2>"$work/sshd.log" &
sshd=$!

step "a machine that was never seen is refused, and ssh asks nobody"
export DOCKER_HOST=ssh://engine
expect_error DOCKER_NOT_RUNNING 69 skiff start -p $profile
grep -q "accept its key" "$work/stderr" || fail "no advice: $(cat "$work/stderr")"
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$work/host.pub")" >"$work/known_hosts"

step "one whose key changed, and one that does not take ours"
cp "$work/known_hosts" "$work/right"
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$work/other.pub")" >"$work/known_hosts"
expect_error DOCKER_NOT_RUNNING 69 skiff start -p $profile
grep -q "ssh-keygen -R 127.0.0.1" "$work/stderr" || fail "no advice: $(cat "$work/stderr")"
cp "$work/right" "$work/known_hosts"
sed -i "s|$work/mine|$work/stranger|" "$work/ssh_config"
expect_error DOCKER_NOT_RUNNING 69 skiff start -p $profile
grep -q "ssh-add" "$work/stderr" || fail "no advice: $(cat "$work/stderr")"
sed -i "s|$work/stranger|$work/mine|" "$work/ssh_config"

step "no engine behind that socket, and no such machine"
DOCKER_HOST=ssh://engine/nonexistent.sock expect_error DOCKER_NOT_RUNNING 69 skiff start -p $profile
grep -q "/nonexistent.sock" "$work/stderr" || fail "the socket is not named: $(cat "$work/stderr")"
DOCKER_HOST=ssh://root@127.0.0.1:1 expect_error DOCKER_NOT_RUNNING 69 skiff start -p $profile
grep -q "refused" "$work/stderr" || fail "no reason: $(cat "$work/stderr")"
expect_nothing_left $profile

step "a cluster of two nodes, by one login; its API is published where ssh arrived"
skiff start -n 2 -p $profile
expect_eq "$(logins)" 2 "logins, that for /nonexistent.sock included"
expect_match "$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')" '^https://127\.0\.0\.1:264[0-9][0-9]$'
expect_match "$(docker port $profile-cp1)" '-> 127.0.0.1:264[0-9][0-9]$'
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
skiff -p $profile status

step "the application, through everything that reaches into a cluster"
deploy_hello
eventually 10 greets "$(skiff -p $profile service helloworld-service2 --url)"
expect_eq "$(skiff -p $profile ssh -n w1 -- hostname)" $profile-w1
expect_eq "$(echo typed | skiff -p $profile ssh cat)" typed

step "ssh is killed: the next command logs in again"
end_tunnels /var/run/docker.sock
skiff -p $profile status
[ "$(logins)" -gt 2 ] || fail "ssh was not killed"
eventually 10 greets "$(skiff -p $profile service helloworld-service2 --url)"

step "a context of docker's, stop and start by it"
DOCKER_CONFIG=$work/docker "$(type -P docker)" context create far --docker host=ssh://engine >/dev/null
far() { env -u DOCKER_HOST DOCKER_CONFIG="$work/docker" DOCKER_CONTEXT=far "$skiff_binary" -p $profile "$@"; }
far stop
far start
far status

step "delete leaves nothing, and an ssh that carries nothing ends by itself"
skiff -p $profile delete
expect_nothing_left $profile
eventually 60 no_tunnel /nonexistent.sock
