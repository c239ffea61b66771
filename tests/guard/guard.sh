#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# guard.sh before|after FOLDER BOX: a cluster of somebody else in Docker and somebody else's kubeconfig, there while the tests
# on real engines run. Afterwards both, and what the user's own home has, must be as they were.
set -euo pipefail
folder=$2 box=$3
cluster=foreign-$(cksum <<<"$folder" | cut -d' ' -f1)  # one for each build tree
node=$cluster-cp1
image=skiff-foreign:$cluster

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

clean() {
  docker rm -f -v "$node" >/dev/null 2>&1 || true
  docker volume rm "$node-var" >/dev/null 2>&1 || true
  docker network rm "skiff-$cluster" >/dev/null 2>&1 || true
  docker rmi "$image" >/dev/null 2>&1 || true
}

# As the driver makes them, but for the image: a program that waits.
make() {
  local labels=(--label "dev.skiff.cluster=$cluster" --label dev.skiff.id=f0e1d2c3b4a59687 --label "dev.skiff.owner=$cluster elsewhere")
  mkdir -p "$folder/root/sbin" "$folder/root/usr/bin"
  cp "$box" "$folder/root/sbin/skiff-init"
  for name in cat store; do cp "$box" "$folder/root/usr/bin/$name"; done
  tar -C "$folder/root" -c . | docker import - "$image" >/dev/null
  rm -r "$folder/root"
  docker network create "${labels[@]}" "skiff-$cluster" >/dev/null
  docker volume create "${labels[@]}" "$node-var" >/dev/null
  docker run -d --name "$node" --network "skiff-$cluster" -v "$node-var:/var" "${labels[@]}" --label "dev.skiff.node=$node" \
    --label dev.skiff.role=control-plane --label dev.skiff.image=skiff-node:theirs "$image" /sbin/skiff-init >/dev/null
  docker exec -i "$node" /usr/bin/store /var/theirs <<<"their data"
}

docker_state() {
  docker inspect -f '{{.Id}} {{.State.Status}} {{.State.StartedAt}} {{.RestartCount}} {{json .Config.Labels}} {{json .NetworkSettings.Networks}}' "$node"
  docker volume inspect -f '{{.Name}} {{.CreatedAt}} {{json .Labels}}' "$node-var"
  docker network inspect -f '{{.Id}} {{json .Labels}} {{json .IPAM}}' "skiff-$cluster"
  docker exec "$node" /usr/bin/cat /var/theirs
}
home_state() {
  local places=("$folder/kubeconfig" "$HOME/.kube" "$HOME/.skiff/config.yaml") place
  for place in "$HOME"/.skiff/profiles/*/; do places+=("$place/profile.yaml" "$place/pki"); done
  for place in "${places[@]}"; do
    [ ! -e "$place" ] || find "$place" -not -path '*/cache/*' \( -type f -printf '%p %m %u ' -exec sha256sum {} \; -o -printf '%p %y %l\n' \)
  done | sort
}
state() {
  [ -e "$folder/no-docker" ] || docker_state
  home_state
}

case $1 in
  before)
    mkdir -p "$folder"
    rm -f "$folder/no-docker"
    docker info >/dev/null 2>&1 || { echo "no Docker, so no cluster in it" >"$folder/no-docker"; cat "$folder/no-docker"; }
    printf '%s\n' '# theirs' 'apiVersion: v1' 'kind: Config' 'current-context: skiff' 'clusters:' \
      '- {name: skiff, cluster: {server: "https://192.0.2.1:6443"}}' 'contexts:' '- {name: skiff, context: {cluster: skiff, user: skiff}}' \
      'users:' '- {name: skiff, user: {token: theirs}}' >"$folder/kubeconfig"
    if [ ! -e "$folder/no-docker" ]; then
      clean  # of a run that was killed
      make
    fi
    state >"$folder/before"
    ;;
  after)
    state >"$folder/after" || fail "the foreign cluster is not whole any more"
    diff "$folder/before" "$folder/after" || fail "the tests have changed what is not theirs"
    [ -e "$folder/no-docker" ] || clean
    ;;
esac
