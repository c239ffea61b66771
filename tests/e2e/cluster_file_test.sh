# A cluster as a file: made by it, left alone by it, changed where it can be, refused where it cannot.
source "$(dirname "$0")/lib.sh"
use_profile e2e-file
file=$work/cluster.yaml

write() {  # write TIER [LINE OF THE WORKER...]
  printf '%s\n' "profile: $profile" 'nodes:' '- role: control-plane' "- labels: {tier: $1}" "${@:2}" 'kubernetes:' \
    '  components: {kubelet: {max-pods: 40}}' 'addons:' '- name: metrics-server' >"$file"
}
started() { docker inspect -f '{{.State.StartedAt}}' $profile-cp1 $profile-w1; }
tier() { kubectl get node $profile-w1 -o 'jsonpath={.metadata.labels.tier}'; }

step "a mistake is told with its line, before anything is made"
write db
sed -i 's/max-pods/max-pods: {}, x/' "$file"
expect_error CONFIG_INVALID 18 skiff start -f "$file"
expect_match "$(cat "$work/stderr")" 'cluster.yaml:6: .kubernetes.components. must be settings by component'
write db
expect_error USAGE 14 skiff start -f "$file" --nodes 3
expect_error HOST_ERROR 30 skiff start -f "$work/no-such-file"
expect_nothing_left $profile

step "a manifest that is not there is told of, before anything is made"
write db
printf '%s\n' 'manifests: [deploy, more.yaml]' >>"$file"
mkdir "$work/deploy"
printf '%s\n' 'resources: [map.yaml]' 'namePrefix: made-' >"$work/deploy/kustomization.yaml"
printf '%s\n' 'apiVersion: v1' 'kind: ConfigMap' 'metadata: {name: first}' >"$work/deploy/map.yaml"
expect_error CONFIG_INVALID 18 skiff start -f "$file"
expect_match "$(cat "$work/stderr")" "$work/more.yaml, which is not there"
expect_nothing_left $profile

step "one that the API refuses leaves the cluster that runs"
printf '%s\n' 'apiVersion: v1' 'kind: ConfigMap' 'metadata: {name: Not A Name}' >"$work/more.yaml"
expect_error KUBE_ERROR 100 skiff start -f "$file"
expect_match "$(cat "$work/stderr")" 'Not A Name'
kubectl get configmap made-first
sed -i 's/Not A Name/second/' "$work/more.yaml"

step "the cluster that it describes"
skiff start -f "$file"
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
expect_eq "$(tier)" db "label"
expect_eq "$(kubectl get node $profile-w1 -o 'jsonpath={.status.capacity.pods}')" 40 "pods of a node"
expect_match "$(skiff addons list -p $profile)" 'metrics-server[^a-z]+enabled'
kubectl get configmap made-first second

step "the same file again changes nothing"
before=$(started)
expect_eq "$(skiff start -f "$file" --dry-run | grep -c CHANGE || true)" 0 "changes"
(cd "$work" && skiff start -f - <"$file")
expect_eq "$(started)" "$before" "when the nodes were started"

step "what can change does, and --dry-run says what"
write front
expect_match "$(skiff start -f "$file" --dry-run)" 'nodeSettings.w1.labels.tier +db +front'
expect_eq "$(tier)" db "label after a dry run"
skiff start -f "$file"
expect_eq "$(tier)" front "label"
expect_eq "$(started)" "$before" "when the nodes were started"

step "what cannot is refused, and nothing happens"
write front '  memory: 3g'
expect_error PROFILE_CONFLICT 11 skiff start -f "$file"
expect_eq "$(started)" "$before" "when the nodes were started"

skiff delete -p $profile
expect_nothing_left $profile
