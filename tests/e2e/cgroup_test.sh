# SPDX-License-Identifier: Apache-2.0
# What a node does with cgroup v2 when it starts, on a real cgroup2 hierarchy, also where the engine itself still has v1.
source "$(dirname "$0")/lib.sh"

image=$(skiff node-image build -o json | tail -n 1 | grep -o '"reference":"[^"]*"' | cut -d'"' -f4)
[ -n "$image" ] || fail "it is not said which the node image is"

step "the first process leaves the root, and every controller is handed on"
cat >"$work/program" <<'END'
set -eu
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 none /sys/fs/cgroup
. /usr/lib/skiff/container-setup
echo "left behind: $(cat /sys/fs/cgroup/cgroup.procs)"
echo "self: $(sed -n 's/^0:://p' /proc/self/cgroup)"
mkdir /sys/fs/cgroup/kubepods
[ "$(cat /sys/fs/cgroup/kubepods/cgroup.controllers)" = "$(cat /sys/fs/cgroup/cgroup.controllers)" ] && echo "handed on: all"
END
docker run --rm --cap-add ALL --cap-drop SYS_RESOURCE --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
  --security-opt systempaths=unconfined --device-cgroup-rule 'a *:* rwm' --cgroupns private --network none \
  --tmpfs /run --tmpfs /tmp -v "$work/program:/program:ro" --entrypoint sh "$image" /program >"$work/out" 2>&1 ||
  fail "it ended early: $(cat "$work/out")"
expect_eq "$(cat "$work/out")" "left behind: 
self: /init
handed on: all"
