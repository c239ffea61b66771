# SPDX-License-Identifier: Apache-2.0
# Two clusters side by side; one grows from two nodes to three.
source "$(dirname "$0")/lib.sh"
use_profile e2e-one
skiff start -n 2 -p e2e-one
use_profile e2e-two
skiff start -p e2e-two

step "both answer, each under its own context, on networks of their own"
profile=e2e-one
expect_eq "$(kubectl get nodes --no-headers | wc -l)" 2
first=$(skiff ip -p e2e-one)
profile=e2e-two
expect_eq "$(kubectl get nodes --no-headers | wc -l)" 1
[ "${first%.*}" != "$(skiff ip -p e2e-two | sed 's/\.[0-9]*$//')" ] || fail "both clusters share a subnet"

step "growing keeps the nodes that are there"
profile=e2e-one
load_images
uids=$(kubectl get nodes -o 'jsonpath={.items[*].metadata.uid}')
skiff start -n 3 -p e2e-one
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"
expect_match "$(kubectl get nodes -o 'jsonpath={.items[*].metadata.uid}')" "^$uids" "node identities"
expect_error PROFILE_CONFLICT 11 skiff start -n 1 -p e2e-one

step "a worker more, and away again with its pods moved"
skiff node add -p e2e-one
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 4 "Ready nodes"
expect_error UNSUPPORTED 15 skiff node delete cp1 -p e2e-one
kubectl run greeter --image=skiff.dev/hello:1 --overrides='{"spec": {"nodeName": "e2e-one-w3"}}'
kubectl wait pod/greeter --for=condition=Ready --timeout=60s
greeter=$(kubectl get pod greeter -o 'jsonpath={.status.podIP}')
for node in cp1 w1 w3; do
  expect_match "$(in_cluster "curl -sS --max-time 10 http://$greeter:7070" "e2e-one-$node")" 'Hello world' "a pod on $node asks the new one"
done
kubectl create deployment stay --image=skiff.dev/pause:1 --replicas=6
kubectl rollout status deployment/stay --timeout=60s
kubectl get pods -l app=stay -o wide | has e2e-one-w3 || fail "no pod is on the node that is to go"
skiff node delete w3 -p e2e-one
expect_eq "$(kubectl get nodes --no-headers | wc -l)" 3 "nodes"
expect_eq "$(docker ps -aq --filter name=e2e-one-w3)$(docker volume ls -q --filter name=e2e-one-w3)" "" "what is left of the node"
kubectl rollout status deployment/stay --timeout=60s

step "one node stops and starts while the others go on"
expect_eq "$(skiff node stop w2 -p e2e-one 2>&1 | tail -n 1)" "Stopped the node e2e-one-w2. 'skiff node start e2e-one-w2 -p e2e-one' starts it again."
skiff node stop w2 -p e2e-one
code=0; status=$(skiff status -p e2e-one) || code=$?
expect_eq $code 1 "status bits with one node stopped"
expect_match "$status" 'e2e-one-w1 +worker +Running +Ready' "a node that goes on"
expect_match "$status" 'e2e-one-w2 +worker +Stopped +Stopped' "the stopped node"
skiff node start w2 -p e2e-one
skiff status -p e2e-one >/dev/null || fail "status bits after node start: $?"
skiff node stop cp1 -p e2e-one
expect_error CLUSTER_NOT_RUNNING 89 skiff node start w2 -p e2e-one
skiff node start cp1 -p e2e-one
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"
kubectl rollout status deployment/stay --timeout=60s

step "workers leave in any order, and with the last the control plane takes pods again, and taints of the user stay"
taints() { kubectl get node e2e-one-cp1 -o 'jsonpath={.spec.taints[*].key}'; }
kubectl taint node e2e-one-cp1 example.com/mine=yes:PreferNoSchedule
expect_match "$(taints)" node-role.kubernetes.io/control-plane "taints of the control plane"
skiff node delete w1 -p e2e-one
expect_eq "$(kubectl get nodes -o name | sort | tr '\n' ' ')" "node/e2e-one-cp1 node/e2e-one-w2 " "nodes"
skiff stop -p e2e-one
skiff start -p e2e-one
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
skiff node delete w2 -p e2e-one
expect_eq "$(taints)" example.com/mine "taints of the control plane"
kubectl rollout status deployment/stay --timeout=60s
skiff start -n 3 -p e2e-one
expect_match "$(taints)" node-role.kubernetes.io/control-plane "taints of the control plane"
skiff start -p e2e-one --schedule-on-control-plane=true
expect_eq "$(taints)" example.com/mine "taints of the control plane"
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"

step "a node that is not like the others"
skiff node add -p e2e-one --cpus 1 --memory 2g --label tier=db --taint dedicated=db:NoSchedule
added=$(kubectl get nodes -l tier=db -o 'jsonpath={.items[*].metadata.name}')
expect_eq "$(docker inspect "$added" -f '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}')" "2147483648 1000000000" "limits of $added"
expect_eq "$(kubectl get node "$added" -o 'jsonpath={.spec.taints[*].key}')" dedicated "taints of $added"
docker rm -f "$added" >/dev/null
skiff start -p e2e-one
expect_eq "$(docker inspect "$added" -f '{{.HostConfig.Memory}}')" 2147483648 "memory of $added, made again"

step "deleting one leaves the other alone"
skiff delete -p e2e-one
expect_nothing_left e2e-one
profile=e2e-two
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 1
stranger() { SKIFF_HOME=$work/stranger KUBECONFIG=$work/strangers "$skiff_binary" "$@"; }
use_profile e2e-strange
stranger start -p e2e-strange
skiff delete --all
expect_nothing_left e2e-two
expect_eq "$(docker ps -q --filter label=dev.skiff.cluster=e2e-strange | wc -l)" 1 "containers of another home's cluster, after --all of this one"
stranger delete -p e2e-strange
expect_nothing_left e2e-strange
