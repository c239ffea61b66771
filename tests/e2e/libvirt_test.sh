# SPDX-License-Identifier: Apache-2.0
# A cluster of virtual machines through its life: one node and a second one, the application, memory kept, stop, start, delete.
# Without hardware virtualisation each start takes minutes.
source "$(dirname "$0")/lib.sh"
trouble=$(skiff doctor -o json 2>/dev/null | grep -o '"libvirt","verdict":"[a-z]*"' || true)
[ "$trouble" = '"libvirt","verdict":"good"' ] || { echo "skipped: skiff doctor finds no libvirt: $trouble"; exit 77; }
use_profile e2e-vm
virsh() { command virsh -q -c qemu:///system "$@"; }
greet() { curl -sS --max-time 10 "$1"; }
all_three_greet() {
  for i in $(seq 12); do greet "$1"; done | sort | uniq -c >"$work/greetings"
  cat "$work/greetings"
  [ "$(wc -l <"$work/greetings")" = 3 ]
}

expect_no_machines() {
  ! virsh list --all --name | grep "^$profile-" || fail "machines are left"
  ! virsh net-list --all --name | grep "^skiff-$profile$" || fail "the network is left"
  virsh pool-refresh skiff >/dev/null
  ! virsh vol-list skiff | grep " ${profile}_" || fail "volumes are left"
  expect_nothing_left $profile
}

step "a domain of that name that is not ours is refused, and stays as it is"
echo "<domain type='qemu'><name>$profile-cp1</name><memory unit='MiB'>16</memory><os><type>hvm</type></os></domain>" >"$work/domain.xml"
virsh define "$work/domain.xml" >/dev/null
virsh dumpxml $profile-cp1 >"$work/before.xml"
expect_error NAME_CONFLICT 51 skiff start -d libvirt -p $profile
virsh dumpxml $profile-cp1 | cmp - "$work/before.xml" || fail "the foreign domain was changed"
virsh undefine $profile-cp1
expect_no_machines

step "more memory than there is, and no driver of that place"
expect_error TOO_LITTLE_MEMORY 26 skiff start -d libvirt -p $profile --memory 900g
expect_no_machines
expect_error LIBVIRT_NOT_RUNNING 69 skiff start -d libvirt -p $profile --libvirt-uri 'qemu+unix:///system?socket=/nonexistent'
expect_no_machines

step "a user who may not use libvirt"
if [ "$(id -u)" = 0 ]; then
  install -d -o nobody "$work/nobody"
  chmod 711 "$work"
  install -m 755 "$skiff_binary" "$work/nobody/skiff"
  expect_error LIBVIRT_PERMISSION 67 runuser -u nobody -- env HOME="$work/nobody" SKIFF_HOME="$work/nobody/skiff-home" \
    KUBECONFIG="$work/nobody/kubeconfig" "$work/nobody/skiff" start -d libvirt -p $profile
  grep -q 'usermod -aG libvirt' "$work/stderr" || fail "no advice: $(cat "$work/stderr")"
  expect_no_machines
fi

step "start one node, and grow to two"
skiff start -d libvirt -p $profile --schedule-on-control-plane=true
expect_error PROFILE_CONFLICT 11 skiff start -d docker -p $profile
skiff node add -p $profile
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"

step "the application, on both nodes and on localhost"
skiff -p $profile image load $(skiff image prepare hello)
kubectl apply -f "$here/manifests/hello.yaml"
kubectl rollout status deployment/helloworld --timeout=300s
expect_eq "$(kubectl get pods -l app=helloworld-backend -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort -u | wc -l)" 2 \
  "nodes with a pod"
for pod in $(kubectl get pods -l app=helloworld-backend -o name); do  # asked by the control plane
  expect_match "$(kubectl get --raw "/api/v1/namespaces/default/pods/${pod#pod/}:7070/proxy/")" 'Hello world' "$pod"
done
kubectl expose deployment helloworld --name outer --type NodePort --port 7070
for name in outer helloworld-service; do  # a node port, and what only nodes see
  url=$(skiff -p $profile service $name --url --wait 60s)
  eventually 60 all_three_greet "$url"
done

step "commands and files in a machine"
expect_eq "$(skiff ssh -p $profile -n w1 -- hostname)" "$profile-w1"
expect_eq "$(skiff ssh -p $profile -n w1 -- cat /etc/resolv.conf)" "$(skiff ssh -p $profile -n w1 -- cat /etc/skiff/resolv.conf)" "name servers"
code=0; skiff ssh -p $profile "exit 7" || code=$?
expect_eq $code 7 "exit code through ssh"
head -c 3000000 /dev/urandom >"$work/bytes"
skiff -p $profile cp "$work/bytes" w1:/var/
skiff -p $profile cp w1:/var/bytes "$work/back"
cmp "$work/bytes" "$work/back" || fail "the copy differs"

step "pause and unpause"
skiff pause -p $profile
expect_eq "$(virsh domstate $profile-cp1) $(virsh domstate $profile-w1)" "paused paused"
skiff unpause -p $profile
eventually 60 greets "$url" --max-time 10  # emulated machines catch up first

step "stop with the memory kept, and go on"
boots() { for node in cp1 w1; do skiff ssh -p $profile -n $node -- cat /proc/sys/kernel/random/boot_id; done; }
booted=$(boots)
skiff stop -p $profile --keep-memory
expect_match "$(skiff status -p $profile || true)" "$profile-cp1 .*Saved.*$profile-w1 .*Saved"
expect_eq "$(virsh list --name | grep "^$profile-" || true)" "" "running machines"
skiff start -p $profile
expect_eq "$(boots)" "$booted" "the machines' boots"
begun=$(date +%s) there=$(skiff ssh -p $profile -n w1 -- date +%s) ended=$(date +%s)
[ "$there" -ge $((begun - 2)) ] && [ "$there" -le $((ended + 2)) ] || fail "the machine's clock is wrong: $begun, $there, $ended"
eventually 60 greet "$url"

step "stop keeps data, start brings everything back"
before=$(node_addresses)
kubectl scale deployment helloworld --replicas=1 >/dev/null  # all pods start at once, which emulated machines take long for
kubectl create configmap kept --from-literal=written=just-now
skiff stop -p $profile
expect_eq "$(virsh domstate $profile-cp1) $(virsh domstate $profile-w1)" "shut off shut off"
skiff start -p $profile
expect_eq "$(node_addresses)" "$before" "addresses"
expect_eq "$(kubectl get configmap kept -o 'jsonpath={.data.written}')" just-now
skiff ssh -p $profile -n w1 -- cat /var/bytes | cmp - "$work/bytes" || fail "the machine's disk has lost a file"
eventually 180 greet "$url"

step "delete leaves nothing"
skiff delete -p $profile
expect_no_machines
