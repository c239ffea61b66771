# SPDX-License-Identifier: Apache-2.0
# Networks for pods that are not skiff's: none yet, one that manifests bring, and a CNI configuration of the user's own.
source "$(dirname "$0")/lib.sh"
use_profile "${CNI_PROFILE:-e2e-cni}"

# The network of the manifests: a pod on each node that writes the node's configuration and its routes.
cat >"$work/network.yaml" <<'YAML'
apiVersion: v1
kind: Namespace
metadata: {name: network}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: network, namespace: network}
spec:
  selector: {matchLabels: {app: network}}
  template:
    metadata: {labels: {app: network}}
    spec:
      hostNetwork: true
      tolerations: [{operator: Exists}]
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: skiff.dev/curl:1
        securityContext: {privileged: true}
        volumeMounts: [{name: node, mountPath: /node}]
        command:
        - chroot
        - /node
        - sh
        - -euc
        - |
          . /etc/skiff/node.env
          for route in $ROUTES; do echo "route replace ${route%=*} via ${route#*=}"; done | ip -batch -
          cat >/etc/cni/net.d/20-brought.conflist <<CNI
          {"cniVersion": "1.0.0", "name": "brought", "plugins": [{"type": "ptp", "ipam": {
            "type": "host-local", "dataDir": "/run/brought", "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}
          CNI
          exec sleep infinity
      volumes: [{name: node, hostPath: {path: /}}]
YAML
cat >"$work/bridge.conflist" <<'JSON'
{"cniVersion": "1.0.0", "name": "own", "plugins": [
  {"type": "bridge", "bridge": "own0", "isGateway": true, "hairpinMode": true, "ipam": {
    "type": "host-local", "dataDir": "/run/own", "ranges": [[{"subnet": "${podCIDR}"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON

pods_reach_each_other() {
  kubectl apply -f "$here/manifests/hello-everywhere.yaml"
  kubectl rollout status deployment/everywhere --timeout=120s
  for ip in $(kubectl get pods -l app=everywhere -o 'jsonpath={.items[*].status.podIP}'); do
    expect_match "$(in_cluster "curl -sS --max-time 5 $ip:7070" $profile-cp1)" 'Hello world'
    expect_match "$(in_cluster "curl -sS --max-time 5 $ip:7070" $profile-w1)" 'Hello world'
  done
  kubectl delete deployment everywhere --wait=false
}
not_ready() { kubectl get nodes --no-headers | grep -c ' NotReady '; }

step "what is no network is refused before anything is made"
expect_error UNSUPPORTED 15 skiff start -p $profile --cni calico
echo 'plugins: []' >"$work/bad.yaml"
expect_error USAGE 14 skiff start -p $profile --cni "$work/bad.yaml"
expect_error USAGE 14 skiff start -p $profile --cni "$work/absent.yaml"
expect_nothing_left $profile

step "none: start returns, says so, and the nodes wait"
said=$(skiff start -p $profile -n 2 --schedule-on-control-plane true --cni none 2>&1)
expect_match "$said" 'no network for pods yet'
expect_match "$said" "Once they have a network"
expect_eq "$(not_ready)" 2 "nodes that are NotReady"
expect_eq "$(docker exec $profile-w1 ls -A /etc/cni/net.d)" "" "CNI configurations"
expect_eq "$(docker exec $profile-w1 ip route show type unreachable)" "" "routes of skiff's"
load_images
skiff start -p $profile
expect_eq "$(not_ready)" 2 "nodes that are NotReady after another start"

step "manifests bring it, and start finishes what waited: DNS and the addons"
skiff start -p $profile --cni "$work/network.yaml"
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "nodes that are Ready"
expect_eq "$(kubectl get storageclass standard -o name)" storageclass.storage.k8s.io/standard
pods_reach_each_other

step "stop and start, without a word of it; another network is refused"
skiff stop -p $profile
skiff start -p $profile
pods_reach_each_other
expect_error PROFILE_CONFLICT 11 skiff start -p $profile --cni default
skiff delete -p $profile
expect_nothing_left $profile

step "a configuration of one's own, beside the cluster file; policies are not skiff's then"
cat >"$work/cluster.yaml" <<YAML
profile: $profile
nodes: [{role: control-plane}, {role: worker}]
scheduleOnControlPlane: true
cni: bridge.conflist
YAML
skiff start -f "$work/cluster.yaml"
expect_match "$(docker exec $profile-w1 cat /etc/cni/net.d/10-skiff.conflist)" '"bridge".*10\.244\.[0-9]+\.0/24'
expect_eq "$(docker exec $profile-w1 sh -c 'pidof skiff-policy || echo none')" none "the policy service"
load_images
pods_reach_each_other
skiff start -f "$work/cluster.yaml"
skiff delete -p $profile
expect_nothing_left $profile
