# SPDX-License-Identifier: Apache-2.0
# Images into nodes by missing layers: from Docker, archives of all kinds, folders and builds; changed, moved, cut off and repeated.
source "$(dirname "$0")/lib.sh"
use_profile e2e-images

run() { skiff -p $profile "$@"; }
names=(e2e-images-app e2e-images-other e2e-images-built)
at_end() { docker images --format '{{.Repository}}:{{.Tag}}' | grep '^e2e-images-' | xargs -r docker rmi -f; }
context=$work/context
mkdir "$context"
for part in base middle; do head -c 3000000 /dev/urandom >"$context/$part"; done
change() { echo "$1" >"$context/changed"; }
build() { docker build -q -t "$1" "$context" >/dev/null; }
printf 'FROM scratch\nCOPY base /base\nCOPY middle /middle\nCOPY changed /changed\nENV A=1\nCMD ["/x"]\n' >"$context/Dockerfile"
digests() {  # digests NAME: what it stands for on each node, each once
  local node
  for node in $profile-cp1 $profile-w1; do
    docker exec "$node" ctr -n k8s.io images list "name==docker.io/library/$1" | awk 'NR > 1 {print $3}'
  done | sort | uniq -c | tr -s ' '
}
whole() { docker exec $profile-w1 ctr -n k8s.io images check "name==docker.io/library/$1" | grep 'complete.*true' >/dev/null; }

run start -n 2

step "an image of Docker, then a changed layer, then nothing, then a tag that moves back"
change 1 && build e2e-images-app:1
run image load e2e-images-app:1
whole e2e-images-app:1 || fail "not whole"
first=$(digests e2e-images-app:1)
expect_match "$first" '^ 2 sha256:[0-9a-f]+$'
run image load e2e-images-app:1
expect_eq "$(digests e2e-images-app:1)" "$first"
docker tag e2e-images-app:1 e2e-images-app:old
change 2 && build e2e-images-app:1
run image load e2e-images-app:1
whole e2e-images-app:1 || fail "not whole after a change"
expect_match "$(digests e2e-images-app:1)" '^ 2 sha256:[0-9a-f]+$'
[ "$(digests e2e-images-app:1)" != "$first" ] || fail "the tag has not moved"
docker tag e2e-images-app:old e2e-images-app:1
run image load e2e-images-app:1
expect_eq "$(digests e2e-images-app:1)" "$first"
expect_eq "$(docker images -q '127.0.0.1:*/skiff-load')" "" "names left in Docker"

step "a node that lost it gets it again"
docker exec $profile-w1 ctr -n k8s.io images rm --sync docker.io/library/e2e-images-app:1 >/dev/null
run image load e2e-images-app:1
expect_eq "$(digests e2e-images-app:1)" "$first"

step "an id: the image is loaded under its name, and refused where it has none"
expect_match "$(run image load "$(docker images -q --no-trunc e2e-images-app:1)" 2>&1)" 'e2e-images-app:1'
expect_eq "$(digests e2e-images-app:1)" "$first"
printf 'FROM scratch\nLABEL nameless=yes\n' >"$work/Dockerfile"
nameless=$(docker build -q - <"$work/Dockerfile")
expect_error IMAGE_INVALID 78 run image load "$nameless"
docker rmi "$nameless" >/dev/null

step "archives: plain, gzip, from standard input, a folder, and the image under another name"
docker save e2e-images-app:1 >"$work/app.tar"
gzip -k "$work/app.tar"
run image load "$work/app.tar"
whole e2e-images-app:1 || fail "not whole from an archive"
saved=$(digests e2e-images-app:1)
run image load "$work/app.tar.gz"
expect_eq "$(digests e2e-images-app:1)" "$saved"
run image load - <"$work/app.tar"
expect_eq "$(digests e2e-images-app:1)" "$saved"
run image save e2e-images-app:1 "$work/layout.tar"
mkdir "$work/layout" && tar xf "$work/layout.tar" -C "$work/layout"
run image rm e2e-images-app:1
run image load "$work/layout"
expect_eq "$(digests e2e-images-app:1)" "$saved"
id=$(docker images -q e2e-images-app:1)
run image load --name e2e-images-other:1 "$id"
expect_match "$(digests e2e-images-other:1)" '^ 2 '

step "several at once, and what is wrong with one loads none"
change 3 && build e2e-images-other:2
change 4 && build e2e-images-other:3
expect_error IMAGE_NOT_FOUND 73 run image load e2e-images-other:2 e2e-images-othr:9
grep -q "did you mean" "$work/stderr" || fail "no nearest name: $(cat "$work/stderr")"
expect_eq "$(digests e2e-images-other:2)" ""
run image load e2e-images-other:2 e2e-images-other:3
expect_match "$(digests e2e-images-other:2)$(digests e2e-images-other:3)" '^ 2 .* 2 '

step "what fails on one node changes none"
docker exec -i $profile-w1 sh -c 'cd /usr/local/bin && mv ctr ctr.real && cat >ctr && chmod +x ctr' <<'SH'
#!/bin/sh
case "$*" in *import*) cat >/dev/null; echo "no import today" >&2; exit 1 ;; esac
exec /usr/local/bin/ctr.real "$@"
SH
before=$(digests e2e-images-app:1)
change 5 && build e2e-images-app:1
change 6 && build e2e-images-app:new
expect_error NODE_COMMAND_FAILED 80 run image load e2e-images-app:1 e2e-images-app:new
grep "no import today" "$work/stderr" >/dev/null || fail "the node's words are not there: $(cat "$work/stderr")"
expect_eq "$(digests e2e-images-app:1)" "$before"
expect_eq "$(digests e2e-images-app:new)" ""
docker exec $profile-w1 mv /usr/local/bin/ctr.real /usr/local/bin/ctr
run image load e2e-images-app:1
whole e2e-images-app:1 || fail "not whole once the node takes it"

step "killed half-way, then repeated"
head -c 40000000 /dev/urandom >"$context/base"
build e2e-images-app:2
run image load e2e-images-app:2 &
sleep 0.3  # into its work; wherever it is, what follows must hold
kill -KILL $! 2>/dev/null || true
wait $! 2>/dev/null || true
run image load e2e-images-app:2
whole e2e-images-app:2 || fail "not whole after a kill"

step "what is no image"
head -c 100000 /dev/urandom >"$work/random"
: >"$work/empty"
head -c 2000000 "$work/app.tar" >"$work/cut.tar"
for file in random empty cut.tar; do expect_error IMAGE_INVALID 78 run image load "$work/$file"; done
expect_error IMAGE_NOT_FOUND 73 run image load "$context"
expect_error IMAGE_NOT_FOUND 73 run image load ./absent.tar
expect_error IMAGE_UNSUPPORTED 75 run image load --platform linux/s390x e2e-images-app:1

step "lists, differences between nodes, and what nobody needs"
docker exec $profile-w1 ctr -n k8s.io images rm --sync docker.io/library/e2e-images-other:3 >/dev/null
eventually 10 sh -c "'$skiff_binary' -p $profile image ls --format table | grep 'e2e-images-other .* 3 .* $profile-cp1 '"
run image ls --format json | grep '"docker.io/library/e2e-images-app:1"' >/dev/null || fail "json"
run image ls --format yaml | grep 'docker.io/library/e2e-images-app:1' >/dev/null || fail "yaml"
expect_error USAGE 14 run image ls --format xml
run image inspect e2e-images-app:1 | grep '"/x"' >/dev/null || fail "inspect"
expect_error IMAGE_NOT_FOUND 73 run image inspect e2e-images-ap:1
run image prune
run image prune --all
! run image ls | grep e2e-images >/dev/null || fail "not pruned"

step "build: from a folder, a Dockerfile on standard input, one that fails; and the list that starts load"
run image build -t e2e-images-built:1 --build-arg X=1 "$context"
whole e2e-images-built:1 || fail "not whole after a build"
printf 'FROM e2e-images-built:1\nENV B=2\n' | run image build -t e2e-images-built:2 -
whole e2e-images-built:2 || fail "not whole after a build from standard input"
printf 'FROM scratch\nCOPY absent /\n' >"$context/Dockerfile"
expect_error IMAGE_BUILD_FAILED 70 run image build -t e2e-images-built:3 "$context"
grep -q absent "$work/stderr" || fail "Docker's words are not there"
expect_error USAGE 14 run image build "$context"
run cache add e2e-images-app:1
expect_eq "$(run cache list)" e2e-images-app:1
run image rm e2e-images-app:1
run start
whole e2e-images-app:1 || fail "a start has not loaded the list"
expect_error IMAGE_NOT_FOUND 73 run cache delete e2e-images-app:2
run cache delete e2e-images-app:1
expect_eq "$(run cache list)" ""

step "a node that comes later has what the others have"
run node add
docker exec $profile-w2 ctr -n k8s.io images list -q | grep e2e-images-built:2 >/dev/null || fail "the new node lacks it"
