#!/usr/bin/env bash
# Times the start path by phase: bench/start.sh [ROUNDS]. Prints medians in milliseconds for one node and for three, and their
# ratio. `usable` is from the command to a pod of an image that is in the nodes running on every node that takes pods; then
# memory, stop, start after stop, status and delete. Figures are of this machine at this moment: compare ratios.
set -euo pipefail
cd "$(dirname "$0")/.."
skiff=$PWD/build/skiff
rounds=${1:-3}
export SKIFF_CACHE_DIR=${SKIFF_CACHE_DIR:-$HOME/.skiff/cache}
work=$(mktemp -d)
export SKIFF_HOME=$work/home KUBECONFIG=$work/kubeconfig
trap '"$skiff" delete --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

now() { date +%s%N; }
timed() {  # timed FILE LABEL COMMAND...
  local file=$1 label=$2 begin
  shift 2
  begin=$(now)
  "$@" >>"$work/out" 2>>"$work/err"
  echo "$label $((($(now) - begin) / 1000000))" >>"$file"
}

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
  kubectl rollout status daemonset/everywhere --timeout=60s
}
kubectl() { "$skiff" -p bench kubectl -- "$@"; }

for round in $(seq "$rounds"); do
  for nodes in 1 3; do
    file=$work/n$nodes
    begin=$(now)
    "$skiff" start -p bench -n "$nodes" -o json 2>>"$work/err" |
      sed -n 's/.*"event":"step_finished".*"step":"\([a-z-]*\)".*"took_ms":\([0-9]*\).*/\1 \2/p' >>"$file"
    echo "start-total $((($(now) - begin) / 1000000))" >>"$file"
    pods >>"$work/out"
    echo "usable $((($(now) - begin) / 1000000))" >>"$file"
    "$skiff" status -p bench >/dev/null
    timed "$file" status "$skiff" status -p bench
    docker stats --no-stream --format '{{.MemUsage}}' $(docker ps -q --filter label=dev.skiff.cluster=bench) |
      awk '{v=$1; u=v; gsub(/[0-9.]/,"",u); sub(/[A-Za-z]+/,"",v); s+=v*(u=="GiB"?1024:1)} END {print "memory-MiB", int(s)}' >>"$file"
    timed "$file" stop "$skiff" stop -p bench
    timed "$file" start-again "$skiff" start -p bench
    timed "$file" delete "$skiff" delete -p bench
  done
done

median() { awk -v want="$2" '$1==want {print $2}' "$1" | sort -n | awk '{v[NR]=$1} END {print NR ? v[int((NR+1)/2)] : "-"}'; }
printf '%-14s %8s %8s %8s\n' phase '1 node' '3 nodes' ratio
for label in $(awk '!seen[$1]++ {print $1}' "$work/n3"); do
  one=$(median "$work/n1" "$label") three=$(median "$work/n3" "$label")
  printf '%-14s %8s %8s %8s\n' "$label" "$one" "$three" "$(awk -v a="$one" -v b="$three" 'BEGIN {if (a + 0 > 0) printf "%.2f", b / a; else printf "-"}')"
done
