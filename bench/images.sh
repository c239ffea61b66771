#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times image load: bench/images.sh [ROUNDS] [MEGABYTES]. A changed layer, nothing changed and a first load, to three nodes and
# to one, beside `docker save | ctr images import` into the same nodes, in one run. Figures are of this machine at this moment: compare ratios.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3} megabytes=${2:-212}
source bench/lib.sh
[ -z "${SKIFF:-}" ] || skiff=$SKIFF
profile=bench-images one=bench-images-one
skiff_in() { "$skiff" -p "$1" "${@:2}" >>"$work/out" 2>>"$work/err"; }
trap 'docker images -q "bench-image" | sort -u | xargs -r docker rmi -f >/dev/null 2>&1 || true; "$skiff" delete --all >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

# A layer that gzip halves, as those of programs are.
content() { head -c "$(($1 * 500000))" /dev/urandom; head -c "$(($1 * 500000))" /dev/zero; }
build() { docker build -q -t "$1" "$work/image" >/dev/null 2>>"$work/err"; }
mkdir "$work/image"
{
  echo 'FROM scratch'
  for part in 6 3 1; do
    content $((megabytes * part / 10)) >"$work/image/part$part"
    echo "COPY part$part /part$part"
  done
  echo 'COPY changed /changed'
  echo 'CMD ["/changed"]'
} >"$work/image/Dockerfile"
content 1 >"$work/image/changed"
build bench-image:1

skiff_in $one start -n 1
skiff_in $profile start -n 3
nodes=$(docker ps -q --filter label=dev.skiff.cluster=$profile)
by_hand() {  # what one types without skiff
  local node pids=()
  docker save "$1" >"$work/saved.tar"
  for node in $nodes; do
    docker exec -i "$node" ctr -n k8s.io images import --local - <"$work/saved.tar" >/dev/null &
    pids+=($!)
  done
  wait "${pids[@]}"
}

for round in $(seq "$rounds"); do
  timed "$work/times" first-1 skiff_in $one image load bench-image:1
  timed "$work/times" first-3 skiff_in $profile image load bench-image:1
  timed "$work/times" nothing skiff_in $profile image load bench-image:1
  content 1 >"$work/image/changed"
  build bench-image:2
  timed "$work/times" changed skiff_in $profile image load bench-image:2
  content 1 >"$work/image/changed"
  build bench-image:2
  timed "$work/times" hand by_hand bench-image:2
  peak=$(/usr/bin/time -f %M "$skiff" -p $profile image load bench-image:2 2>&1 >/dev/null | tail -n 1)
  [ "$round" = "$rounds" ] || for each in $one $profile; do
    skiff_in $each image rm bench-image:1
    [ $each = $one ] || skiff_in $each image rm bench-image:2
    skiff_in $each image prune
  done
done

of() { median "$work/times" "$1"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", a / b}'; }
printf '%s MB, milliseconds (median of %s)\n' "$megabytes" "$rounds"
printf '  %-52s %7s\n' 'docker save, then ctr images import into 3 nodes' "$(of hand)"
printf '  %-52s %7s   %s of that (goal 400 ms)\n' 'a changed layer of 1 MB into 3 nodes' "$(of changed)" "$(ratio "$(of changed)" "$(of hand)")"
printf '  %-52s %7s   %s of that (goal 100 ms)\n' 'nothing changed, 3 nodes' "$(of nothing)" "$(ratio "$(of nothing)" "$(of hand)")"
printf '  %-52s %7s\n' 'first load into 1 node' "$(of first-1)"
printf '  %-52s %7s   %s of one node (goal 1.3)\n' 'first load into 3 nodes' "$(of first-3)" "$(ratio "$(of first-3)" "$(of first-1)")"
printf '  %-52s %7s   (goal 100 MB)\n' 'memory of skiff at most, in kB' "$peak"
