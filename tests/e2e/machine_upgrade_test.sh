# SPDX-License-Identifier: Apache-2.0
# From one minor version of Kubernetes to the next on a virtual machine, whose disk holds system and data. Needs the machine image of
# the version before, which takes minutes to compile: on purpose only (ctest -C versions -L versions).
source "$(dirname "$0")/lib.sh"
trouble=$(skiff doctor -o json 2>/dev/null | grep -o '"libvirt","verdict":"[a-z]*"' || true)
[ "$trouble" = '"libvirt","verdict":"good"' ] || { echo "skipped: skiff doctor finds no libvirt: $trouble"; exit 77; }
use_profile e2e-machine-upgrade

version() { kubectl get nodes -o 'jsonpath={.items[*].status.nodeInfo.kubeletVersion}'; }

step "a machine of the minor version before, with an object and a file"
skiff start -d libvirt -p $profile --kubernetes-version 1.36
expect_eq "$(version)" v1.36.3
kubectl create configmap kept --from-literal=written=before
skiff -p $profile ssh -- 'echo kept >/var/kept'
before=$(node_addresses)

step "the upgrade: another system around the same data"
expect_match "$(skiff start -p $profile --kubernetes-version 1.37 --dry-run)" 'cp1 .*upgrade'
skiff start -p $profile --kubernetes-version 1.37
expect_eq "$(version)" v1.37.2
expect_eq "$(node_addresses)" "$before" "addresses"
expect_eq "$(kubectl get configmap kept -o 'jsonpath={.data.written}')" before
expect_eq "$(skiff -p $profile ssh -- cat /var/kept)" kept
skiff status -p $profile

step "stop and start"
skiff stop -p $profile
skiff start -p $profile
expect_eq "$(version)" v1.37.2
expect_eq "$(skiff -p $profile ssh -- cat /var/kept)" kept
skiff delete -p $profile
expect_nothing_left $profile
