#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times the start path by phase: bench/start.sh [ROUNDS [docker|libvirt|both]]. Prints medians in milliseconds: containers as one node,
# as three, and as three control planes, virtual machines as one and as two; and the ratio of many nodes to one. `usable` is from the command to a pod of an
# image that is in the nodes running on every node that takes pods; then memory (of containers, or of the machines' processes),
# stop, start after stop, status and delete. Figures are of this machine at this moment: compare ratios.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/lib.sh
rounds=${1:-3}
case ${2:-docker} in
  docker) columns=(docker-1 docker-3 docker-ha) ;;
  libvirt) columns=(libvirt-1 libvirt-2) ;;
  both) columns=(docker-1 docker-3 docker-ha libvirt-1 libvirt-2) ;;
  *) echo "There is no driver '$2': docker, libvirt or both" >&2; exit 2 ;;
esac

kubectl() { "$skiff" -p bench kubectl -- "$@"; }
pods() {  # a pod of the pause image, which every node has, on every node that takes pods
  kubectl apply -f - <<'END'
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: everywhere}
spec:
  selector: {matchLabels: {app: everywhere}}
  template:
    metadata: {labels: {app: everywhere}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: pause, image: "skiff.dev/pause:1", imagePullPolicy: Never}]
END
  kubectl rollout status daemonset/everywhere --timeout=600s
}

memory_of_docker() {
  docker stats --no-stream --format '{{.MemUsage}}' $(docker ps -q --filter label=dev.skiff.cluster=bench) |
    awk '{v=$1; u=v; gsub(/[0-9.]/,"",u); sub(/[A-Za-z]+/,"",v); s+=v*(u=="GiB"?1024:1)} END {print int(s)}'
}
memory_of_libvirt() {  # resident: what the machines have touched, and the emulator's own
  local folder sum=0
  for folder in /proc/[0-9]*; do
    tr '\0' ' ' 2>/dev/null <"$folder/cmdline" | grep -q '^[^ ]*qemu.* guest=bench-' || continue
    sum=$((sum + $(awk '$1=="VmRSS:" {print $2}' "$folder/status")))
  done
  echo $((sum / 1024))
}

run_round() {  # run_round DRIVER NODES FILE
  local driver=$1 nodes=$2 file=$3 begin
  if [ "$nodes" = ha ]; then nodes=(--ha); else nodes=(-n "$nodes"); fi
  begin=$(now)
  steps_of "$skiff" start -p bench -d "$driver" "${nodes[@]}" >>"$file"
  echo "start-total $((($(now) - begin) / 1000000))" >>"$file"
  pods >>"$work/out"
  echo "usable $((($(now) - begin) / 1000000))" >>"$file"
  "$skiff" status -p bench >/dev/null
  timed "$file" status "$skiff" status -p bench
  echo "memory-MiB $("memory_of_$driver")" >>"$file"
  timed "$file" stop "$skiff" stop -p bench
  timed "$file" start-again "$skiff" start -p bench
  timed "$file" delete "$skiff" delete -p bench
}

for round in $(seq "$rounds"); do
  for column in "${columns[@]}"; do run_round "${column%-*}" "${column#*-}" "$work/$column"; done
done

ratio() { awk -v a="$1" -v b="$2" 'BEGIN {if (a + 0 > 0 && b != "-") printf "%.2f", b / a; else printf "-"}'; }
row() {
  printf '%-14s' "$1"
  shift
  printf ' %10s' "$@"
  echo
}
heads=()
for column in "${columns[@]}"; do
  heads+=("$column")
  [ "${column#*-}" = 1 ] || heads+=(ratio)
done
row phase "${heads[@]}"
for label in $(labels "${columns[@]/#/$work/}"); do
  cells=()
  for column in "${columns[@]}"; do
    value=$(median "$work/$column" "$label")
    cells+=("$value")
    if [ "${column#*-}" = 1 ]; then one=$value; else cells+=("$(ratio "$one" "$value")"); fi
  done
  row "$label" "${cells[@]}"
done
