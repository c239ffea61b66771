# SPDX-License-Identifier: Apache-2.0
# Ctrl-C and kill -9 at several moments of a start, two starts at once, a half-made cluster deleted.
source "$(dirname "$0")/lib.sh"
use_profile e2e-int

# "$skiff_binary" rather than the function: $! must be the program itself, not a shell around it.
started() { docker ps -aq --filter "label=dev.skiff.cluster=$profile" | has .; }

for delay in 0 2; do  # at every call: tests/sweep
  step "Ctrl-C ${delay}s after the first container: everything this run made goes"
  "$skiff_binary" start -n 2 -p $profile >"$work/out" 2>&1 &
  pid=$!
  eventually 60 started
  sleep $delay
  kill -INT $pid
  code=0; wait $pid || code=$?
  expect_eq $code 130 "exit code ($(cat "$work/out"))"
  grep -q '\[INTERRUPTED\]' "$work/out" || fail "no [INTERRUPTED]: $(cat "$work/out")"
  expect_nothing_left $profile
done

for delay in 0.4 1.5; do
  step "kill -9 ${delay}s after the first container, then a clean start"
  "$skiff_binary" start -n 2 -p $profile >/dev/null 2>&1 &
  pid=$!
  eventually 60 started
  sleep $delay
  kill -9 $pid
  wait $pid 2>/dev/null || true
  skiff start -n 2 -p $profile
  expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
  skiff delete -p $profile
  expect_nothing_left $profile
done

step "a half-made cluster can be deleted"
"$skiff_binary" start -n 2 -p $profile >/dev/null 2>&1 &
pid=$!
eventually 60 started
kill -9 $pid
wait $pid 2>/dev/null || true
rm -rf "$SKIFF_HOME/profiles/$profile"  # even without its profile
skiff delete -p $profile
expect_nothing_left $profile

step "Ctrl-C while a running cluster grows takes back only what is new"
skiff start -p $profile
kubectl create configmap kept
"$skiff_binary" start -n 3 -p $profile >"$work/out" 2>&1 &
pid=$!
eventually 60 sh -c "docker ps -a --format '{{.Names}}' | grep -q '^$profile-w'"
kill -INT $pid
wait $pid || true
expect_eq "$(docker ps --filter "label=dev.skiff.cluster=$profile" --format '{{.Names}}')" "$profile-cp1" "containers"
kubectl get configmap kept

step "Ctrl-C when the new node is Ready: its Node object goes too, and pods may run on the other one as before"
"$skiff_binary" start -n 2 -p $profile >"$work/out" 2>&1 &
pid=$!
timeout 60 grep -q 'Waiting for the nodes to be Ready  (' < <(tail -f --pid=$pid -n +1 "$work/out")  # at once: the rest is quick
kill -INT $pid
code=0; wait $pid || code=$?
expect_eq $code 130 "exit code ($(cat "$work/out"))"
expect_eq "$(kubectl get nodes -o 'jsonpath={.items[*].metadata.name} {.items[*].spec.taints}')" "$profile-cp1 " "nodes and taints"

step "Ctrl-C while a removed container is made again: the data that it had stays"
docker rm -f $profile-cp1 >/dev/null
"$skiff_binary" start -p $profile >"$work/out" 2>&1 &
pid=$!
eventually 60 started
kill -INT $pid
code=0; wait $pid || code=$?
expect_eq $code 130 "exit code ($(cat "$work/out"))"
skiff start -p $profile
kubectl get configmap kept

skiff start -n 2 -p $profile
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
expect_eq "$(kubectl get nodes --no-headers | wc -l)" 2 "Node objects"

step "two starts of one profile at once: the second says that it waits, and finds it done"
both() {
  "$skiff_binary" start -p $profile >"$work/first" 2>&1 &
  pid=$!
  "$skiff_binary" start -p $profile >"$work/second" 2>&1 || fail "the second start failed: $(cat "$work/second")"
  wait $pid || fail "the first start failed: $(cat "$work/first")"
  grep -q "Another skiff works on the profile '$profile'" "$work/first" "$work/second" || fail "neither says that it waits"
  expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" "$1" "Ready nodes"
}
skiff stop -p $profile
both 2
skiff delete -p $profile
both 1
skiff delete -p $profile
expect_nothing_left $profile
