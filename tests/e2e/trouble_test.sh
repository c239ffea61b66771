# SPDX-License-Identifier: Apache-2.0
# What users do to clusters behind skiff's back, and what the host does to skiff.
source "$(dirname "$0")/lib.sh"
use_profile e2e-trouble

step "a container of that name that is not ours is refused and untouched"
id=$(docker create --name $profile-cp1 "$(docker images -q skiff-node | head -n 1)")
expect_error NAME_CONFLICT 51 skiff start -p $profile
expect_eq "$(docker inspect -f '{{.Id}}' $profile-cp1)" "$id" "the foreign container"
docker rm "$id" >/dev/null
expect_nothing_left $profile

step "a node image that is absent"
expect_error IMAGE_NOT_FOUND 73 skiff start -p $profile --node-image skiff-node:none
expect_nothing_left $profile

step "an address range that is taken, then all of them"
bridge=$(docker network inspect bridge -f '{{(index .IPAM.Config 0).Subnet}}')
expect_error SUBNET_CONFLICT 51 skiff start -p $profile --subnet "${bridge%.*}.0/24"
expect_nothing_left $profile
for flag in --service-cluster-ip-range --pod-cidr; do
  expect_error SUBNET_CONFLICT 51 skiff start -p $profile $flag "$bridge"
  expect_match "$(cat "$work/stderr")" "overlaps $bridge, which is in use.*$flag"
  expect_nothing_left $profile
done
at_end() { docker network ls -q --filter label=dev.skiff.test=trouble | xargs -r docker network rm; }
everything=yes
for range in 192.168.64.0/18 172.30.0.0/16 10.88.0.0/16; do
  docker network create --label dev.skiff.test=trouble --subnet $range "$profile-${range%%/*}" >/dev/null || everything=no
done
if [ $everything = yes ]; then
  expect_error SUBNET_CONFLICT 51 skiff start -p $profile
  grep -q 'docker network prune' "$work/stderr" || fail "no advice: $(cat "$work/stderr")"
  expect_nothing_left $profile
else
  echo "skipped: a network of somebody else lies in those ranges"
fi
at_end >/dev/null
at_end() { :; }

step "a published port that another program has"
python3 -m http.server --bind 127.0.0.1 18399 >/dev/null 2>&1 &
thief=$!
at_end() { kill $thief; }
eventually 10 curl -sS http://127.0.0.1:18399/
expect_error PORT_IN_USE 31 skiff start -p $profile --ports 18399:30080
expect_nothing_left $profile
kill $thief
at_end() { :; }

step "a disk that is full: said, and nothing left behind"
if as_root true; then
  mkdir "$work/small"
  as_root mount -t tmpfs -o size=64k,mode=777 none "$work/small"
  at_end() { as_root umount "$work/small"; }
  expect_full() { SKIFF_HOME=$work/small expect_error DISK_FULL 26 "$@"; }
  SKIFF_CACHE_DIR=$work/small/cache expect_full skiff node-image build
  dd if=/dev/zero of="$work/small/fill" 2>/dev/null || true
  expect_full skiff start -p $profile
  expect_nothing_left $profile
  [ ! -e "$work/small/profiles/$profile" ] || fail "the profile's folder is left"
  at_end
  at_end() { :; }
else
  echo "skipped: a small file system can be mounted only by root"
fi

step "a damaged kubeconfig is refused before anything is made, and stays as it is"
printf 'clusters: [\n' >"$KUBECONFIG"
expect_error KUBECONFIG_INVALID 38 skiff start -p $profile
expect_eq "$(cat "$KUBECONFIG")" "clusters: ["
expect_eq "$(docker ps -aq --filter label=dev.skiff.cluster=$profile)" "" "containers"
rm "$KUBECONFIG"

step "other kubeconfig entries survive, byte for byte"
cat >"$KUBECONFIG" <<'END'
apiVersion: v1
kind: Config
# somebody's comment
clusters:
- cluster:
    server: https://elsewhere.test   # and another
  name: elsewhere
contexts:
- context: {cluster: elsewhere, user: me}
  name: elsewhere
current-context: elsewhere
users:
- name: me
  user:
    token: abc
END
cp "$KUBECONFIG" "$work/before"
skiff start -p $profile --keep-context
grep -q '^current-context: elsewhere$' "$KUBECONFIG" || fail "--keep-context moved the context"

step "containers removed by hand: status says so, start repairs"
docker rm -f $profile-cp1 >/dev/null
code=0; out=$(skiff status -p $profile) || code=$?
expect_eq $((code & 3)) 3 "status bits"
expect_match "$out" Nonexistent
skiff start -p $profile --keep-context
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 1

step "a network removed by hand too"
address=$(skiff ip -p $profile)
skiff stop -p $profile
docker rm -f $profile-cp1 >/dev/null
docker network rm skiff-$profile >/dev/null
skiff start -p $profile --keep-context
expect_eq "$(skiff ip -p $profile)" "$address" "address"

step "delete gives the kubeconfig back as it was"
skiff delete -p $profile
cmp "$work/before" "$KUBECONFIG" || fail "$(diff "$work/before" "$KUBECONFIG")"

step "a damaged profile.yaml is refused with its line, and delete still works"
mkdir -p "$SKIFF_HOME/profiles/$profile"
printf 'format: 1\nname: x\nnodes: [\n' >"$SKIFF_HOME/profiles/$profile/profile.yaml"
expect_error CONFIG_INVALID 18 skiff start -p $profile
grep -q 'profile.yaml:4' "$work/stderr" || fail "no line: $(cat "$work/stderr")"
skiff delete -p $profile
expect_nothing_left $profile
