# SPDX-License-Identifier: Apache-2.0
# Folders of this host in nodes and pods: of the profile, of a command, and detached; changes and events at once.
source "$(dirname "$0")/lib.sh"
use_profile e2e-mount
run() { skiff -p $profile "$@"; }
in_node() { docker exec "$profile-$1" cat "$2" 2>/dev/null; }
src=$work/src other="$work/other one"
mkdir "$src" "$other"
echo one >"$src/page"
echo other >"$other/page"

step "bad folders are refused before anything is made"
expect_error USAGE 14 run start --mount-string "$work/absent:/mnt/src"
expect_error USAGE 14 run start --mount-string "$src/page:/mnt/src"
expect_error USAGE 14 run start --mount-string "$src:/etc"
expect_error USAGE 14 run start --mount-string "$src:mnt/src"
expect_nothing_left $profile
expect_error PROFILE_NOT_FOUND 13 run mount "$src:/mnt/src"

step "the profile's folder is there before the first pod, on every node"
run start -n 2 --mount --mount-string "$src:/mnt/src"
expect_eq "$(in_node cp1 /mnt/src/page)$(in_node w1 /mnt/src/page)" oneone
expect_match "$(run status)" "Mount +$src:/mnt/src"
load_images
kubectl apply -f - <<POD
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: bash, image: skiff.dev/curl:1, command: [bash], stdin: true, volumeMounts: [{name: src, mountPath: /src}]}
  volumes: [{name: src, hostPath: {path: /mnt/src, type: Directory}}]
POD
kubectl wait pod/reader --for=condition=Ready --timeout=60s
in_pod() { kubectl exec reader -- bash -c "$1"; }
expect_eq "$(in_pod 'echo $(</src/page)')" one
echo two >"$src/page"
expect_eq "$(in_pod 'echo $(</src/page)')" two
in_pod 'echo three >/src/made'
expect_eq "$(cat "$src/made")" three

step "a program in a pod that waits for changes is told of one"
# By way of that program's own root, so with its own mount.
bash_in_pod=$(docker top $profile-w1 -eo pid,args | awk '$2 == "bash" && NF == 2 {print $1}')
[ -n "$bash_in_pod" ] || fail "no bash on $profile-w1"
cat >"$work/watch.py" <<'PYTHON'
import ctypes, os, select, sys
libc = ctypes.CDLL(None)
watch = libc.inotify_init()
assert libc.inotify_add_watch(watch, os.fsencode(sys.argv[1]), 0x8) >= 0, "no watch"  # IN_CLOSE_WRITE
print("watching", flush=True)
assert select.select([watch], [], [], 20)[0], "no event"
print(b"page" in os.read(watch, 4096))
PYTHON
as_root python3 -B "$work/watch.py" "/proc/$bash_in_pod/root/src" >"$work/watched" &
watcher=$!
eventually 10 grep -q watching "$work/watched"
echo four >"$src/page"
wait $watcher
expect_match "$(cat "$work/watched")" True

step "a mount lives as long as its command, however that ends"
begin() { "$skiff_binary" -p $profile mount "$other:/data/x" >"$work/mount" 2>&1 & command=$!; eventually 30 grep -q 'until Ctrl-C' "$work/mount"; }
ended() { ! kill -0 $command 2>/dev/null; }
gone() { ! docker exec $profile-cp1 test -e /data && ! docker exec $profile-w1 test -e /data; }
begin
expect_eq "$(in_node cp1 /data/x/page)$(in_node w1 /data/x/page)" otherother
expect_match "$(run mount list)" 'other one +/data/x +command +.*cp1,.*w1'
expect_error USAGE 14 run mount "$src:/data/x"
expect_error USAGE 14 run mount "$src:/data"
kill -INT $command
eventually 30 ended
wait $command
gone || fail "still there after Ctrl-C"
begin
kill -KILL $command && ! wait $command 2>/dev/null
eventually 10 gone
begin
run mount --kill
wait $command
gone || fail "still there after --kill"
expect_match "$(cat "$work/mount")" 'unmounted'

step "detached, and a relative path; nothing beside the profile's after --kill"
(cd "$work" && run mount --detach ./src:/mnt/again)
run mount --detach "$src:/mnt/again"
expect_match "$(run mount list)" "$src +/mnt/again +detached"
run mount --kill
expect_eq "$(run mount list | wc -l)" 2 "the head, and the profile's"
[ -e "$src/page" ] || fail "the folder itself was emptied"
expect_error USAGE 14 run mount
expect_error USAGE 14 run mount --kill "$src:/mnt/x"

step "after stop and start, and on a node that is added"
run stop
expect_error CLUSTER_NOT_RUNNING 89 run mount "$src:/mnt/x"
run start
kubectl wait pod/reader --for=condition=Ready --timeout=60s
expect_eq "$(in_pod 'echo $(</src/page)')" four
run node add
expect_eq "$(in_node w2 /mnt/src/page)" four

step "a folder that has gone stops a start, and the flag that leaves it out does not"
mv "$src" "$src-away"
expect_error USAGE 14 run start
run start --mount=false
! docker exec $profile-w1 test -e /mnt/src/page || fail "still there"
expect_eq "$(docker ps -aq --filter name=skiff-folders-)" "" "helpers left"
run delete
expect_nothing_left $profile
