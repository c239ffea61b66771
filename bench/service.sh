#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Times forwards: bench/service.sh [ROUNDS]. How soon EXTERNAL-IP and URLs are there, and what a forward costs beside a
# connection straight to the same node port, socat and ssh -L. Figures are of this machine at this moment: compare ratios.
set -euo pipefail
cd "$(dirname "$0")/.."
skiff=$PWD/build/skiff
rounds=${1:-5}
export SKIFF_CACHE_DIR=${SKIFF_CACHE_DIR:-$HOME/.skiff/cache} PATH=$PATH:/usr/local/go/bin
work=$(mktemp -d)
export SKIFF_HOME=$work/home KUBECONFIG=$work/kubeconfig
started=()
finish() {
  [ ${#started[@]} = 0 ] || kill "${started[@]}" 2>/dev/null || true
  "$skiff" delete -p bench-service >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
skiff() { "$skiff" -p bench-service "$@" 2>>"$work/err"; }
now() { date +%s%N; }
median() { sort -n | awk '{v[NR]=$1} END {print NR ? v[int((NR+1)/2)] : "-"}'; }
milliseconds() {  # milliseconds COMMAND...: how long it takes
  local begin
  begin=$(now)
  "$@" >>"$work/out"
  echo $((($(now) - begin) / 1000000))
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {if (b + 0 > 0) printf "%d%%", 100 * a / b; else printf "-"}'; }

(cd images/echo && CGO_ENABLED=0 GOTOOLCHAIN=local go build -trimpath -o "$work/echo" .)
skiff start -n 2 --schedule-on-control-plane true >/dev/null
skiff image load "$("$skiff" image prepare echo 2>/dev/null)" >/dev/null
skiff kubectl -- apply -f tests/e2e/manifests/echo.yaml >/dev/null
skiff kubectl -- rollout status deployment/echo --timeout=120s >/dev/null

echo "How soon, in milliseconds (median of $rounds)"
skiff tunnel --detach --no-hosts >/dev/null
skiff kubectl -- get services --watch-only \
  -o 'jsonpath={.metadata.name} {.status.loadBalancer.ingress[0].ip}{"\n"}' |
  while read -r name ip; do echo "$(now) $name $ip"; done >"$work/seen" &
started+=($!)
for round in $(seq "$rounds"); do
  skiff kubectl -- create service loadbalancer "late-$round" --tcp=$((7100 + round)):7001 >/dev/null
  for tries in $(seq 100); do
    ! grep -q "late-$round 127" "$work/seen" || break
    sleep 0.1
  done
done
appear=$(awk '$2 ~ /^late/ && !($2 in made) {made[$2]=$1} $3 != "" && ($2 in made) && !($2 in had) {had[$2]=1; print int(($1-made[$2])/1000000)}' "$work/seen" | median)
printf '  %-44s %6s   (limit 1000)\n' "EXTERNAL-IP after a service's creation" "$appear"
skiff service inner --url >/dev/null
new=$(for round in $(seq "$rounds"); do
  skiff service stop outer >/dev/null
  milliseconds skiff service outer --url
done | median)
printf '  %-44s %6s   (limit 150)\n' "service --url, a new forward" "$new"
again=$(for round in $(seq "$rounds"); do milliseconds skiff service outer --url; done | median)
printf '  %-44s %6s   (limit 50)\n' "service --url, an existing forward" "$again"

# The ways to the node ports: NAME ECHO-ADDRESS SOURCE-ADDRESS
node=$(skiff ip)
port_of() { skiff kubectl -- get service outer -o "jsonpath={.spec.ports[?(@.name==\"$1\")].nodePort}"; }
forward_of() { skiff service outer --url --format '{{.Name}} {{.IP}}:{{.Port}}' | sed -n "s/^$1 //p"; }
echo_port=$(port_of echo) source_port=$(port_of source)
ways=("direct $node:$echo_port $node:$source_port" "skiff $(forward_of echo) $(forward_of source)")
if command -v socat >/dev/null; then
  socat TCP-LISTEN:18381,bind=127.0.0.1,fork,reuseaddr,nodelay "TCP:$node:$echo_port,nodelay" 2>/dev/null & started+=($!)
  socat TCP-LISTEN:18382,bind=127.0.0.1,fork,reuseaddr "TCP:$node:$source_port" 2>/dev/null & started+=($!)
  ways+=("socat 127.0.0.1:18381 127.0.0.1:18382")
else
  echo "  skipped: socat is not installed"
fi
if [ -x /usr/sbin/sshd ] && command -v ssh >/dev/null; then
  ssh-keygen -q -t ed25519 -N '' -f "$work/host"
  ssh-keygen -q -t ed25519 -N '' -f "$work/user"
  [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
  printf '%s\n' 'ListenAddress 127.0.0.1:18383' "HostKey $work/host" "AuthorizedKeysFile $work/user.pub" 'StrictModes no' \
    'PermitRootLogin prohibit-password' 'UsePAM no' "PidFile $work/sshd.pid" >"$work/sshd_config"
  /usr/sbin/sshd -D -f "$work/sshd_config" 2>>"$work/err" & started+=($!)
  sleep 1
  ssh -N -p 18383 -i "$work/user" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -L 127.0.0.1:18384:"$node:$echo_port" -L 127.0.0.1:18385:"$node:$source_port" 127.0.0.1 2>>"$work/err" & started+=($!)
  ways+=("ssh-L 127.0.0.1:18384 127.0.0.1:18385")
else
  echo "  skipped: ssh -L (ssh or sshd is not installed)"
fi
sleep 1

echo "What a forward costs (median of $rounds; throughput in MB/s and beside the direct connection, latency in microseconds)"
for round in $(seq "$rounds"); do  # all ways in turn, so that a busy moment hits each of them
  for way in "${ways[@]}"; do
    read -r name echo_at source_at <<<"$way"
    "$work/echo" throughput "$source_at" 1 >>"$work/one-$name"
    "$work/echo" throughput "$source_at" 100 >>"$work/many-$name"
    "$work/echo" latency "$echo_at" 5000 >>"$work/latency-$name"
  done
done
printf '  %-10s %12s %8s %14s %8s %10s %8s\n' way '1 stream' '' '100 streams' '' latency added
direct_one=$(median <"$work/one-direct") direct_many=$(median <"$work/many-direct") direct_latency=$(median <"$work/latency-direct")
for way in "${ways[@]}"; do
  name=${way%% *}
  one=$(median <"$work/one-$name") many=$(median <"$work/many-$name") latency=$(median <"$work/latency-$name")
  printf '  %-10s %12s %8s %14s %8s %10s %8s\n' "$name" "$one" "$(ratio "$one" "$direct_one")" "$many" \
    "$(ratio "$many" "$direct_many")" "$latency" $((latency - direct_latency))
done
