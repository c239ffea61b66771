# SPDX-License-Identifier: Apache-2.0
# podman in Docker's place: an engine of this test's own, run by root, with everything it keeps below the test's folder.
# It has a network of its own too: Docker's firewall forwards nothing but what is Docker's.
[ "$(id -u)" = 0 ] || { echo "skipped: an engine of one's own wants root"; exit 77; }
command -v podman >/dev/null || { echo "skipped: there is no podman here"; exit 77; }
[ -n "${own_network:-}" ] || exec env own_network=1 unshare --net bash "$0"
ip link set lo up
source "$(dirname "$0")/lib.sh"
use_profile e2e-podman

step "an engine of its own"
# crun knows no hybrid cgroups, and podman raises limits, which not every host lets it.
cat >"$work/containers.conf" <<END
[engine]
runtime = "runc"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_backend = "netavark"
network_config_dir = "$work/podman/networks"
END
export CONTAINERS_CONF=$work/containers.conf
engine=(podman --root "$work/podman/root" --runroot "$work/podman/run")
podman() { command "${engine[@]}" "$@"; }
env "${engine[@]}" system service -t 0 "unix://$work/podman.sock" >"$work/podman.log" 2>&1 &  # not by the function: $! would be a shell's
service=$!
at_end() {
  podman rm -f -a -t 0
  # podman keeps what watched a command for five minutes more, which then, asked to end, starts podman and its mounts anew.
  pkill -KILL -f "conmon .*$work/podman/"
  kill $service
  wait $service  # what still runs keeps its mounts busy
  findmnt -rno TARGET | grep "^$work/podman/" | tac | xargs -r umount
}
export DOCKER_HOST=unix://$work/podman.sock
eventually 20 skiff node-image list
expect_match "$(skiff doctor || true)" 'podman [4-9]'

step "a cluster of two nodes; the name servers of the host, and pods' own"
skiff start -n 2 -p $profile
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
skiff -p $profile status

step "the application, through everything that reaches into a cluster"
deploy_hello
expect_match "$(in_cluster 'curl -sS --max-time 5 helloworld-service:7070')" 'Hello world'
eventually 10 greets "$(skiff -p $profile service helloworld-service2 --url)"
expect_eq "$(skiff -p $profile ssh -n w1 -- hostname)" $profile-w1
expect_eq "$(echo typed | skiff -p $profile ssh cat)" typed
head -c 300000 /dev/urandom >"$work/bytes"
skiff -p $profile cp "$work/bytes" w1:/var/
skiff -p $profile cp w1:/var/bytes "$work/back"
cmp "$work/bytes" "$work/back" || fail "the copy differs"

step "pause and unpause; stop keeps data and addresses, start brings everything back"
skiff -p $profile pause
skiff -p $profile unpause
before=$(node_addresses)
kubectl create configmap kept --from-literal=written=just-now
skiff -p $profile stop
skiff -p $profile start
expect_eq "$(node_addresses)" "$before" "addresses"
expect_eq "$(kubectl get configmap kept -o 'jsonpath={.data.written}')" just-now
eventually 60 greets "$(skiff -p $profile service helloworld-service2 --url)"

step "a range that another network has is refused"
podman network create --subnet 192.168.231.0/24 other >/dev/null
expect_error SUBNET_CONFLICT 51 skiff start -p $profile-second --subnet 192.168.231.0/24
expect_nothing_left $profile-second

step "delete leaves nothing"
skiff -p $profile delete
expect_nothing_left $profile
