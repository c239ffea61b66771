# SPDX-License-Identifier: Apache-2.0
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
refused() {  # refused ID CODE WORDS LINE...: a file that ends with these lines
  write db
  printf '%b\n' "${@:4}" >>"$file"
  expect_error "$1" "$2" skiff start -f "$file"
  expect_match "$(cat "$work/stderr")" "$3"
}
refused CONFIG_INVALID 18 "cluster.yaml:9: there is no 'mount'; did you mean 'mounts'" 'mount: []'
refused CONFIG_INVALID 18 "cluster.yaml:9: .*'profile' stands twice" 'profile: other'
refused CONFIG_INVALID 18 "cluster.yaml:9: 'cpus' must be a number" 'cpus: many'
refused CONFIG_INVALID 18 'cluster.yaml:10: .*a tab' 'registries:' '\tinsecure: []'
refused CONFIG_INVALID 18 'not one document' '---' 'profile: other'
refused USAGE 14 'There is no folder /no/such/folder' 'mounts: ["/no/such/folder:/x"]'
refused UNSUPPORTED 15 'v1.34.4' 'kubernetesVersion: "1.33"'
refused USAGE 14 "overlaps the pods' 10.100.0.0/16" 'podRange: 10.100.0.0/16'
write db
expect_error USAGE 14 skiff start -f "$file" --feature-gates ContextualLoging=true
expect_error USAGE 14 skiff start -f "$file" --control-planes 2
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

step "a file with everything in it"
mkdir "$work/code" "$work/all"
echo of-the-host >"$work/code/file"
printf '%s\n' 'apiVersion: v1' 'kind: Namespace' 'metadata: {name: dev}' >"$work/all/dev.yaml"
printf '%s\n' 'apiVersion: v1' 'kind: ConfigMap' 'metadata: {name: applied}' >"$work/all/map.yaml"
echo '{"auths": {"registry.test:5000": {"auth": "YW5uOnNlY3JldA=="}}}' >"$work/logins.json"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=company -keyout "$work/company.key" -out "$work/company.pem" 2>/dev/null
cat >"$file" <<YAML
profile: $profile
driver: docker
kubernetesVersion: latest
cpus: 2
memory: 3g
subnet: 192.168.198.0/24
staticIp: 192.168.198.200
podRange: 10.245.0.0/16
serviceRange: 10.112.0.0/16
ipFamily: dual
cni: default
ports: ["127.0.0.1:18398:30080"]
mounts: ["$work/code:/code"]
registries:
  insecure: ["registry.test:5000"]
  mirrors: ["http://127.0.0.1:18397"]
  config: logins.json
proxy: http://proxy.test:3128
noProxy: .corp.test
caFile: company.pem
scheduleOnControlPlane: true
contextName: all-of-it
kubernetes:
  apiServer: {port: 8443, names: [all.test, 10.1.2.3]}
  dnsDomain: all.lab
  namespace: dev
  components:
    kubelet: {max-pods: 40}
    scheduler: {v: 3}
  featureGates: {ContextualLogging: true}
manifests: [all]
nodes:
- role: control-plane
  count: 1
- role: worker
  cpus: 1.5
  memory: 2g
  labels: {tier: db}
  taints: ["dedicated=db:NoSchedule"]
addons:
- name: registry
  values: {port: 18396}
YAML
# Those that are for other drivers, for an image or a network of the user's own.
keys=$(skiff config schema | python3 -c '
import json, sys
def keys(schema):
    for name, value in schema.get("properties", {}).items():
        yield name
        yield from keys(value)
        for item in [value.get("items", {})] + value.get("items", {}).get("oneOf", []):
            yield from keys(item)
print(*keys(json.load(sys.stdin)), sep="\n")')
for key in $keys; do
  case $key in libvirtUri | diskSize | nodeImage | network) continue ;; esac
  grep -qE "(^|[ {,])$key:" "$file" || fail "the file with everything in it has no $key"
done
skiff start -f "$file"
of_node() { kubectl get node "$profile-$1" -o "jsonpath={$2}"; }
expect_eq "$(of_node cp1 '.status.addresses[0].address') $(of_node cp1 .spec.podCIDR)" "192.168.198.200 10.245.200.0/24"
expect_eq "$(of_node w1 '.metadata.labels.tier') $(of_node w1 '.spec.taints[*].key') $(of_node w1 .status.capacity.pods)" "db dedicated 40"
expect_eq "$(docker inspect -f '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}' $profile-w1)" "1500000000 2147483648" "size of the worker"
expect_eq "$(docker inspect -f '{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}}' $profile-cp1)" "2000000000 3221225472" "size of the others"
expect_eq "$(kubectl get service kubernetes -n default -o 'jsonpath={.spec.clusterIP}')" 10.112.0.1
expect_eq "$(kubectl get service kube-dns -n kube-system -o 'jsonpath={.spec.ipFamilies[*]}')" "IPv4 IPv6"
expect_match "$(docker port $profile-cp1)" '30080/tcp -> 127.0.0.1:18398'
expect_eq "$(skiff -p $profile ssh -n w1 -- cat /code/file)" of-the-host
expect_match "$(skiff -p $profile ssh -n w1 -- ls /etc/containerd/certs.d)" 'registry.test'
expect_match "$(docker exec $profile-w1 cat /etc/skiff/containerd.env)" 'proxy.test:3128.*corp.test'
docker exec $profile-w1 sh -c 'ls /etc/ssl/certs/skiff-ca* && grep -q registry.test:5000 /var/lib/kubelet/config.json'
expect_match "$(kubectl config view --minify)" 'all-of-it'
expect_match "$(kubectl config view --minify)" 'namespace: dev'
expect_match "$(kubectl config view --minify)" 'server: https://192.168.198.200:8443'
expect_match "$(kubectl get --raw /.well-known/openid-configuration)" 'svc.all.lab'
expect_match "$(skiff -p $profile ssh "tr '\0' '\n' </proc/\$(pidof kube-scheduler)/cmdline")" 'ContextualLogging=true'
kubectl get configmap applied
expect_match "$(skiff addons list -p $profile)" 'registry[^a-z]+enabled'
expect_eq "$(skiff start -f "$file" --dry-run | grep -c CHANGE || true)" 0 "changes by the same file"
skiff profile export $profile >"$work/exported.yaml"
expect_match "$(cat "$work/exported.yaml")" '# Left out: caFile'
expect_eq "$(skiff start -f "$work/exported.yaml" --dry-run | grep -c CHANGE || true)" 0 "changes by the file that was exported"
expect_error USAGE 14 skiff start -f "$file" --feature-gates ContextualLoging=true
expect_error PROFILE_CONFLICT 11 skiff start -f "$file" --pod-cidr 10.246.0.0/16
skiff delete -p $profile
expect_nothing_left $profile
