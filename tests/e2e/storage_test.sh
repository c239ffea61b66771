# Volumes on several nodes: each where its pod is, kept over stop and start, removed with the claim.
source "$(dirname "$0")/lib.sh"
use_profile e2e-storage

folders() {  # on all nodes
  local node
  for node in cp1 w1 w2; do skiff ssh -p $profile -n $node -- ls /var/lib/skiff/volumes; done
}
no_folders() { [ -z "$(folders)" ]; }
no_volumes() { [ -z "$(kubectl get persistentvolumes -o name)" ]; }

step "a StatefulSet whose pods keep to different nodes"
skiff start -n 3 -p $profile
skiff -p $profile image load "$(skiff image prepare curl)"
skiff -p $profile addons enable storage
expect_eq "$(kubectl get storageclass standard -o 'jsonpath={.metadata.annotations.storageclass\.kubernetes\.io/is-default-class}')" true
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

step "a folder goes with its claim"
kubectl delete statefulset keeper --wait
kubectl delete persistentvolumeclaims --all --wait
eventually 20 no_volumes
no_folders || fail "folders are left: $(folders)"

step "disable leaves no class"
skiff -p $profile addons disable storage
expect_eq "$(kubectl get storageclass -o name)" "" "storage classes"
