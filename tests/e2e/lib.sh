# SPDX-License-Identifier: Apache-2.0
# Shared by the end-to-end tests: each runs the real binary against a real Docker in a home of its own, and leaves nothing.
set -euo pipefail

skiff_binary=${SKIFF:?the path of the skiff binary}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export SKIFF_CACHE_DIR=${SKIFF_CACHE_DIR:-$HOME/.skiff/cache}
work=$(mktemp -d -t skiff-e2e-XXXXXX)
export SKIFF_HOME=$work/home KUBECONFIG=$work/kubeconfig
touched=()  # profiles to remove at the end

skiff() { "$skiff_binary" "$@"; }
kubectl() { "$skiff_binary" -p "$profile" kubectl -- "$@"; }

use_profile() {  # use_profile NAME: a name of this test's own
  profile=$1
  touched+=("$profile")
  remove_what_tests_left "$profile"
}

# remove_what_tests_left NAME: of an earlier run that was killed, whose home is gone; a cluster of anybody else stays.
remove_what_tests_left() {
  command -v docker >/dev/null || return 0
  local filter=label=dev.skiff.cluster=$1 owner='{{index .Labels "dev.skiff.owner"}}'
  left() { sed -n '\|/skiff-e2e-|s/ .*//p'; }
  docker ps -a --filter "$filter" --format '{{.ID}} {{.Label "dev.skiff.owner"}}' | left | xargs -r docker rm -f -v >/dev/null
  docker volume ls -q --filter "$filter" | xargs -r docker volume inspect -f "{{.Name}} $owner" | left | xargs -r docker volume rm >/dev/null
  docker network ls -q --filter "$filter" | xargs -r docker network inspect -f "{{.Id}} $owner" | left | xargs -r docker network rm >/dev/null
}

finish() {
  local code=$? name
  trap - EXIT
  if [ $code != 0 ]; then
    printf '\n--- what was there when it failed\n'
    docker ps -a --filter label=dev.skiff.cluster || true
    for name in "${touched[@]}"; do
      "$skiff_binary" -p "$name" kubectl -- get pods,services,endpointslices -A -o wide --request-timeout=5s 2>/dev/null || true
      "$skiff_binary" -p "$name" logs --lines 6 2>/dev/null || true
    done
  fi
  for name in "${touched[@]}"; do "$skiff_binary" delete -p "$name" >/dev/null 2>&1 || true; done
  at_end >/dev/null 2>&1 || true
  rm -rf "$work"
  exit $code
}
trap finish EXIT
at_end() { :; }  # a test that started more than clusters ends it here

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null; fi; }

step() { printf '\n=== %s\n' "$*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
expect_eq() { [ "$1" = "$2" ] || fail "${3:-values differ}: got '$1', want '$2'"; }
expect_match() { [[ $1 =~ $2 ]] || fail "${3:-text does not match}: got '$1', want /$2/"; }

# expect_error ID CODE COMMAND...: fails with this id on stderr, this exit code and an empty stdout.
expect_error() {
  local id=$1 code=$2 out status=0
  shift 2
  out=$("$@" 2>"$work/stderr") || status=$?
  expect_eq "$status" "$code" "exit code of '$*' ($(cat "$work/stderr"))"
  grep -q "\[$id\]" "$work/stderr" || fail "'$*' did not name [$id]: $(cat "$work/stderr")"
  expect_eq "$out" "" "stdout of '$*'"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# For the end of a pipe: reads all of it, since one that is left early is a failure of whoever writes to it.
has() { grep "$@" >/dev/null; }

# eventually SECONDS COMMAND...: tries it until it succeeds.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >"$work/eventually" 2>&1; do
    [ $SECONDS -lt $end ] || fail "'$*' did not come true: $(cat "$work/eventually")"
    sleep 0.2
  done
}

greets() { curl -sS --max-time 3 "$@" | has '^Hello world'; }  # greets URL [CURL'S OPTIONS]

load_images() { skiff -p "$profile" image load $(skiff image prepare hello curl); }

deploy_hello() {  # with its images, as helloworld-service (ClusterIP) and helloworld-service2 (NodePort)
  load_images
  kubectl apply -f "$here/manifests/hello.yaml" -f "$here/manifests/nodeport.yaml"
  kubectl rollout status deployment/helloworld --timeout=120s
}

# in_cluster COMMANDS [NODE]: types them into the shell of a fresh pod with curl, as the tutorial does, and prints what they print.
in_cluster() {
  local where=()
  [ $# = 1 ] || where=(--overrides="{\"spec\": {\"nodeName\": \"$2\"}}")
  kubectl run "ask-$RANDOM" --image=skiff.dev/curl:1 --restart=Never --rm -i --quiet --pod-running-timeout=60s "${where[@]}" -- bash <<<"$1"
}

# all_objects: what the cluster's API holds, of every kind, without what comes and goes by itself.
all_objects() {
  local kinds
  kinds=$(kubectl api-resources --verbs=list -o name | grep -vE '^(events|leases|endpoints|endpointslices|controllerrevisions|nodes.metrics|pods.metrics)' | paste -sd,)
  kubectl get "$kinds" -A -o name | sort
}
remember_objects() { all_objects >"$work/objects"; }
same_objects() { all_objects | diff "$work/objects" -; }

node_addresses() { kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}={.status.addresses[0].address} {end}'; }

# expect_nothing_left PROFILE: no container, network, volume, kubeconfig entry or file of it.
expect_nothing_left() {
  local filter=label=dev.skiff.cluster=$1
  expect_eq "$(docker ps -aq --filter "$filter")" "" "containers left"
  expect_eq "$(docker network ls -q --filter "$filter")" "" "networks left"
  expect_eq "$(docker volume ls -q --filter "$filter")" "" "volumes left"
  [ ! -e "$SKIFF_HOME/profiles/$1" ] || fail "the profile's folder is left"
  ! grep -qs "$1" "$KUBECONFIG" || fail "the kubeconfig still names $1"
}
