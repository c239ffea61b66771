# SPDX-License-Identifier: Apache-2.0
# Twenty rounds of stop and start of three control planes and two workers: addresses, objects and data are there after each.
# Takes minutes: on purpose only (ctest -C long -L long).
source "$(dirname "$0")/lib.sh"
use_profile e2e-rounds
rounds=${ROUNDS:-20}

server() { kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}'; }
cluster_ip() { kubectl get service kept -o 'jsonpath={.spec.clusterIP}'; }
all_well() { skiff status -p $profile >"$work/status"; }
milliseconds() { date +%s%3N; }

step "three control planes and two workers, an object and a file"
skiff start -n 5 --control-planes 3 -p $profile
kubectl create configmap kept --from-literal=round=0
kubectl create service clusterip kept --tcp=80
skiff -p $profile ssh -n w2 -- 'echo kept >/var/kept'
before="$(node_addresses) $(server) $(cluster_ip)"

step "$rounds rounds"
for round in $(seq "$rounds"); do
  begun=$(milliseconds)
  skiff stop -q -p $profile
  stopped=$(milliseconds)
  skiff start -q -p $profile
  echo "round $round: stop $((stopped - begun)) ms, start $(($(milliseconds) - stopped)) ms"
  expect_eq "$(node_addresses) $(server) $(cluster_ip)" "$before" "addresses in round $round"
  eventually 10 all_well
  expect_eq "$(kubectl get configmap kept -o 'jsonpath={.data.round}')" $((round - 1)) "what round $((round - 1)) has written"
  kubectl patch configmap kept -p "{\"data\": {\"round\": \"$round\"}}" >/dev/null
done
expect_eq "$(skiff -p $profile ssh -n w2 -- cat /var/kept)" kept
expect_eq "$(skiff -p $profile ssh -n cp1 -- skiff-member list | cut -d' ' -f2 | sort | uniq -c | tr -s ' ')" " 3 voter"
skiff delete -p $profile
expect_nothing_left $profile
