# SPDX-License-Identifier: Apache-2.0
# Volumes on several nodes, in every new cluster: each where its pod is, kept over stop and start, removed with the claim.
source "$(dirname "$0")/lib.sh"
use_profile e2e-storage

folders() {  # on all nodes
  local node
  for node in cp1 w1 w2; do skiff ssh -p $profile -n $node -- ls /var/lib/skiff/volumes; done
}
no_folders() { [ -z "$(folders)" ]; }
no_volumes() { [ -z "$(kubectl get persistentvolumes -o name)" ]; }

step "a new cluster has a default class, and its pods run when start returns"
skiff start -n 3 -p $profile
expect_eq "$(kubectl get daemonset storage -n kube-system -o 'jsonpath={.status.numberReady}')" 3 "ready pods"
expect_eq "$(kubectl get storageclass standard -o 'jsonpath={.metadata.annotations.storageclass\.kubernetes\.io/is-default-class}')" true

step "a StatefulSet whose pods keep to different nodes"
skiff -p $profile image load "$(skiff image prepare curl)"
kubectl apply -f "$here/manifests/stateful.yaml"
kubectl rollout status statefulset/keeper --timeout=120s
for pod in 0 1; do kubectl exec keeper-$pod -- sh -c "echo 'written by $pod' >/data/words"; done
expect_eq "$(kubectl get pods -l app=keeper -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort -u | wc -l)" 2 "nodes"
expect_eq "$(folders | wc -l)" 2 "folders"

step "data survives the pods, a stop and a start"
kubectl delete pods -l app=keeper --wait
kubectl rollout status statefulset/keeper --timeout=120s
skiff stop -p $profile
skiff start -p $profile
kubectl rollout status statefulset/keeper --timeout=120s
for pod in 0 1; do expect_eq "$(kubectl exec keeper-$pod -- cat /data/words)" "written by $pod"; done

step "a node whose storage is in use stays"
expect_error NODE_HAS_VOLUMES 81 skiff node delete w2 -p $profile
expect_eq "$(kubectl get node $profile-w2 -o 'jsonpath={.spec.unschedulable}')" "" "unschedulable"

step "a folder goes with its claim"
kubectl delete statefulset keeper --wait
kubectl delete persistentvolumeclaims --all --wait
eventually 20 no_volumes
no_folders || fail "folders are left: $(folders)"

step "a claim that cannot be served is told why"
kubectl apply -f "$here/manifests/block-claim.yaml"
told() { kubectl get events --field-selector involvedObject.name=block | has 'not block devices'; }
eventually 30 told
kubectl delete -f "$here/manifests/block-claim.yaml" --wait

step "a claim that asks for data gets none that is empty; a class that cannot wait is told what to use"
kubectl apply -f "$here/manifests/unserved-claims.yaml"
says() { kubectl get events --field-selector "involvedObject.name=$1" -o 'jsonpath={.items[*].message}' | has -F "$2"; }
eventually 30 says clone "cannot be filled from PersistentVolumeClaim 'original'"
eventually 30 says populated 'waiting for a populator of Hello.populator.example.org'
eventually 30 says chosen 'spec.selector is not supported'
eventually 30 says shared 'ReadWriteMany is not possible'
eventually 30 says hasty 'WaitForFirstConsumer'
expect_eq "$(kubectl get persistentvolumeclaims clone populated chosen shared hasty -o 'jsonpath={.items[*].status.phase}')" \
  "Pending Pending Pending Pending Pending" "phases"
expect_eq "$(kubectl get events --field-selector involvedObject.name=hasty,reason=ProvisioningFailed -o name | wc -l)" 1 "events of three nodes"
kubectl delete -f "$here/manifests/unserved-claims.yaml" --wait

step "whoever does not want it disables it, for later starts too"
skiff -p $profile addons disable storage
expect_eq "$(kubectl get storageclass -o name)" "" "storage classes"
skiff stop -p $profile
skiff start -p $profile
expect_eq "$(kubectl get storageclass -o name)" "" "storage classes after a start"
