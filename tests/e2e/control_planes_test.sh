# SPDX-License-Identifier: Apache-2.0
# Several control planes: growth of a cluster that works, the loss of each of them under writes, stop and start, and back to one.
source "$(dirname "$0")/lib.sh"
use_profile ${E2E_PROFILE:-e2e-ha}

status_of() { skiff status -p $profile -o json | tail -n 1; }
status_code() { local code=0; skiff status -p $profile >"$work/status" || code=$?; echo $code; }
all_well() { [ "$(status_code)" = 0 ]; }
members() { skiff -p $profile ssh -n "$1" -- skiff-member list | sort | cut -d' ' -f1,2 | paste -sd,; }
server() { kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}'; }

step "one control plane and a worker, with a pod"
skiff start -p $profile -n 2
load_images
kubectl run stays --image=skiff.dev/hello:1
kubectl wait --for=condition=Ready pod/stays --timeout=60s
identity() { kubectl get pod stays -o 'jsonpath={.metadata.uid} {.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].state.running.startedAt}'; }
pod=$(identity)

step "even numbers are refused, with what to use"
expect_error USAGE 14 skiff start -p $profile --control-planes 2
expect_match "$(cat "$work/stderr")" "1, 3 or 5"

step "two more control planes, while the pod runs on"
skiff start -p $profile --control-planes 3
expect_eq "$(members cp1)" "$profile-cp1 voter,$profile-cp2 voter,$profile-cp3 voter"
expect_eq "$(identity)" "$pod" "the pod"
expect_eq "$(kubectl get nodes -o name | wc -l)" 4 "nodes"
all_well || fail "not all is well: $(cat "$work/status")"
expect_match "$(server)" ':6443$'

step "each control plane is killed while objects are written"
python3 "$here/write_objects.py" "$KUBECONFIG" "$work/acknowledged" >"$work/longest" &
writer=$!
at_end() { kill $writer 2>/dev/null; }
written_since() { awk -v since="$1" '$2 > since { found = 1 } END { exit !found }' "$work/acknowledged"; }
for each in cp1 cp2 cp3; do
  eventually 20 test -s "$work/acknowledged"
  docker kill $profile-$each >/dev/null
  killed=$(date +%s.%N)
  eventually 20 written_since "$killed"
  [ "$(status_code)" != 0 ] || fail "status says that all is well without $each"
  skiff node start $each -p $profile
  eventually 20 all_well
done
kill $writer
wait $writer || true
at_end() { :; }
longest=$(cat "$work/longest")
echo "$(wc -l <"$work/acknowledged") objects, the longest pause $longest s"
awk -v longest="$longest" 'BEGIN { exit !(longest <= 10) }' || fail "no write was acknowledged for $longest s"
all_are_there() {
  kubectl get configmaps -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}' | sort >"$work/there"
  cut -d' ' -f1 "$work/acknowledged" | sort | comm -23 - "$work/there" >"$work/lost"
  [ ! -s "$work/lost" ] || fail "lost: $(head -n 3 "$work/lost")"
}
all_are_there
expect_eq "$(identity)" "$pod" "the pod"

step "without a majority status says what to do, and no member leaves"
skiff node stop cp2 -p $profile
expect_error QUORUM_AT_RISK 81 skiff node delete cp1 -p $profile
skiff node stop cp3 -p $profile 2>"$work/stderr"
expect_match "$(cat "$work/stderr")" 'majority'
[ "$(status_code)" != 0 ] || fail "status says that all is well without a majority"
expect_match "$(cat "$work/status")" "Only 1 of 3 control planes run.*skiff start"
skiff start -p $profile
all_well || fail "not all is well: $(cat "$work/status")"

step "addresses stay over stop and start"
before="$(node_addresses) $(server)"
skiff stop -p $profile
stopped=$(date +%s)
skiff start -p $profile
expect_eq "$(node_addresses) $(server)" "$before" "addresses"
all_are_there
for lease in kube-controller-manager kube-scheduler; do  # made anew: nobody waited for the end of one of before
  made=$(kubectl get lease -n kube-system $lease -o 'jsonpath={.metadata.creationTimestamp}')
  [ "$(date -d "$made" +%s)" -ge "$stopped" ] || fail "the lease of $lease is of $made, from before the stop"
done

step "back to one, without the first one"
skiff node delete cp1 -p $profile 2>"$work/stderr"
expect_match "$(cat "$work/stderr")" '2 control planes survive no more losses than 1'
expect_eq "$(members cp2)" "$profile-cp2 voter,$profile-cp3 voter"
skiff node delete cp2 -p $profile
expect_eq "$(members cp3)" "$profile-cp3 voter"
expect_error UNSUPPORTED 15 skiff node delete cp3 -p $profile
all_are_there
all_well || fail "not all is well: $(cat "$work/status")"

step "one more, by itself"
skiff node add --control-plane -p $profile
expect_eq "$(members cp3)" "$profile-cp3 voter,$profile-cp4 voter"
all_are_there
skiff delete -p $profile
expect_nothing_left $profile
