#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times addons: bench/addons.sh [ROUNDS]. Prints medians in milliseconds on a cluster of three nodes: `addons enable ingress` with its
# image in the store only, by step, and again with the image in the node; disable; `addons list` on the stopped cluster.
set -euo pipefail
cd "$(dirname "$0")/.."
source bench/lib.sh
rounds=${1:-3}

steps() {  # steps PREFIX COMMAND...: the steps of a command and its whole
  local prefix=$1 begin
  shift
  begin=$(now)
  steps_of "$@" | sed "s/^/$prefix-/" >>"$work/times"
  echo "$prefix $((($(now) - begin) / 1000000))" >>"$work/times"
}

"$skiff" image prepare traefik >/dev/null
for round in $(seq "$rounds"); do
  "$skiff" start -p bench -n 3 2>>"$work/err"
  steps enable-ingress "$skiff" -p bench addons enable ingress
  steps disable-ingress "$skiff" -p bench addons disable ingress
  steps enable-again "$skiff" -p bench addons enable ingress
  for node in cp1 w1 w2; do
    "$skiff" -p bench ssh -n $node -- ctr -n k8s.io images list -q 2>>"$work/err" | grep -q traefik && echo "nodes-with-image 1"
  done | awk '{n += $2} END {print "nodes-with-image", n + 0}' >>"$work/times"
  "$skiff" stop -p bench 2>>"$work/err"
  for try in 1 2 3; do steps list-when-stopped "$skiff" -p bench addons list; done
  "$skiff" delete -p bench 2>>"$work/err"
done

for label in $(labels "$work/times"); do printf '%-32s %8s\n' "$label" "$(median "$work/times" "$label")"; done
