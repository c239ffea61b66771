# SPDX-License-Identifier: Apache-2.0
# From one minor version of Kubernetes to the next, with an application that answers throughout and data that stays. Needs the
# node image of the version before, which takes minutes to compile: on purpose only (ctest -L versions).
source "$(dirname "$0")/lib.sh"
use_profile e2e-upgrade

versions() { kubectl get nodes -o 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'; }
answers() { curl -fsS --max-time 1 -H 'Connection: close' "$url" >/dev/null; }

step "a version that there is no recipe for, and names of versions"
expect_error UNSUPPORTED 15 skiff start -p $profile --kubernetes-version 1.30
expect_match "$(cat "$work/stderr")" 'v1.34.4'
expect_error USAGE 14 skiff start -p $profile --kubernetes-version yes

step "a cluster of the minor version before: three control planes and two workers"
skiff start -n 5 --control-planes 3 -p $profile --kubernetes-version 1.36
expect_eq "$(versions | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" " 5 v1.36.3"
expect_match "$(skiff -p $profile kubectl -- version --client)" 'v1\.36\.3'
expect_match "$(skiff profile list)" "$profile .*v1\.36\.3"
load_images

step "an application, and data on each of two nodes"
kubectl apply -f "$here/manifests/upgrade.yaml"
kubectl rollout status deployment/web --timeout=60s
kubectl rollout status statefulset/data --timeout=60s
for pod in data-0 data-1; do kubectl exec $pod -- /bin/sh -c "echo of $pod > /data/kept"; done
url=$(skiff -p $profile service web --url)
eventually 10 answers
before=$(node_addresses)

step "a dry run says what would be done, and a plain start does nothing"
expect_match "$(skiff start -p $profile --kubernetes-version 1.37 --dry-run)" 'cp1 .*upgrade'
skiff start -p $profile
expect_eq "$(versions | tr ' ' '\n' | sort -u)" v1.36.3
expect_error USAGE 14 skiff start -p $profile --kubernetes-version 1.37 -n 6

step "the upgrade, while somebody asks ten times a second and somebody writes into the API"
(
  failed=0 asked=0
  while [ ! -e "$work/done" ]; do
    asked=$((asked + 1))
    answers 2>>"$work/missed" || failed=$((failed + 1))
    sleep 0.1
  done
  echo "$asked $failed" >"$work/asked"
) & asking=$!
python3 "$here/write_objects.py" "$KUBECONFIG" "$work/acknowledged" >"$work/longest" & writer=$!
at_end() { touch "$work/done"; kill $writer 2>/dev/null; }
skiff start -p $profile --kubernetes-version 1.37
touch "$work/done"
wait $asking
kill $writer
wait $writer || true
at_end() { :; }
read -r asked failed <"$work/asked"
echo "asked $asked times, $failed without an answer; $(wc -l <"$work/acknowledged") objects, the longest pause $(cat "$work/longest") s"
[ "$failed" -le $((asked / 50)) ] || fail "$failed of $asked were not answered: $(sort "$work/missed" | uniq -c)"
awk -v longest="$(cat "$work/longest")" 'BEGIN { exit !(longest <= 10) }' || fail "no write was acknowledged for $(cat "$work/longest") s"
kubectl get configmaps -o 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}' | sort >"$work/there"
cut -d' ' -f1 "$work/acknowledged" | sort | comm -23 - "$work/there" >"$work/lost"
[ ! -s "$work/lost" ] || fail "acknowledged and lost: $(head -n 3 "$work/lost")"
expect_eq "$(versions | tr ' ' '\n' | sort | uniq -c | tr -s ' ')" " 5 v1.37.2"
expect_eq "$(node_addresses)" "$before" "addresses"
expect_eq "$(kubectl get nodes -o 'jsonpath={.items[*].spec.unschedulable}')" "" "nodes that take no pods"
kubectl rollout status statefulset/data --timeout=60s
for pod in data-0 data-1; do expect_eq "$(kubectl exec $pod -- cat /data/kept)" "of $pod"; done
expect_match "$(skiff -p $profile kubectl -- version --client)" 'v1\.37\.2'
skiff status -p $profile

step "there is no way back"
expect_error UNSUPPORTED 15 skiff start -p $profile --kubernetes-version 1.36
skiff stop -p $profile
skiff start -p $profile
expect_eq "$(kubectl exec data-0 -- cat /data/kept)" "of data-0"
skiff delete -p $profile

step "a stopped one, killed on its way"
skiff start -n 2 -p $profile --kubernetes-version 1.36
skiff stop -p $profile
"$skiff_binary" start -p $profile --kubernetes-version 1.37 >/dev/null 2>&1 & pid=$!
upgraded() { docker ps --filter "label=dev.skiff.cluster=$profile" --format '{{.Image}}' | has v1.37; }
eventually 60 upgraded
kill -9 $pid
wait $pid || true
skiff start -p $profile
expect_eq "$(versions)" "v1.37.2 v1.37.2"
skiff delete -p $profile
expect_nothing_left $profile
