# SPDX-License-Identifier: Apache-2.0
# Two homes, sudo and a second user beside each other on one engine: nobody loses what another has made.
source "$(dirname "$0")/lib.sh"
use_profile e2e-homes

other() { SKIFF_HOME=$work/other KUBECONFIG=$work/others "$skiff_binary" "$@"; }
ours() { docker ps -aq --no-trunc --filter "label=dev.skiff.cluster=$profile"; docker volume ls -q --filter "label=dev.skiff.cluster=$profile"; docker network ls -q --no-trunc --filter "label=dev.skiff.cluster=$profile"; }

step "a cluster of the first home, with something in it"
skiff start -n 2 -p $profile
kubectl create configmap kept
before=$(ours)

step "a second home is refused at once, with whose it is, and changes nothing"
begin=$SECONDS
expect_error NAME_CONFLICT 51 other start -n 2 -p $profile
[ $((SECONDS - begin)) -lt 20 ] || fail "it took $((SECONDS - begin)) s to say no"
grep -q "$SKIFF_HOME" "$work/stderr" || fail "it does not say whose it is: $(cat "$work/stderr")"
grep -q "profile adopt $profile" "$work/stderr" || fail "no way out: $(cat "$work/stderr")"
expect_error NAME_CONFLICT 51 other start -n 2 -p $profile --dry-run
expect_error NAME_CONFLICT 51 other delete -p $profile
other delete --all
expect_error PROFILE_NOT_FOUND 13 other stop -p $profile
expect_match "$(other profile list)" "$profile .*Running.*$SKIFF_HOME"
[ ! -e "$work/other/profiles/$profile" ] || fail "the second home has a profile now"
expect_eq "$(ours)" "$before" "containers, volumes and networks"
kubectl get configmap kept

step "Ctrl-C at a second home's start"
SKIFF_HOME=$work/other KUBECONFIG=$work/others "$skiff_binary" start -n 3 -p $profile >/dev/null 2>&1 &
pid=$!
kill -INT $pid 2>/dev/null || true
wait $pid || true
expect_eq "$(ours)" "$before" "containers, volumes and networks"

if as_root true; then
  step "with sudo: a home of root's, and as another user"
  code=0; out=$(as_root env SKIFF_CACHE_DIR="$SKIFF_CACHE_DIR" SKIFF_HOME="$work/roots" KUBECONFIG="$work/root" "$skiff_binary" start -p $profile 2>&1) || code=$?
  expect_eq $code 51 "exit code of root's start ($out)"
  expect_eq "$(ours)" "$before" "containers, volumes and networks"
  as_root rm -rf "$work/roots" "$work/root"
  if id nobody >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    install -d -o nobody "$work/nobody"
    chmod 711 "$work"
    code=0; out=$(setpriv --reuid nobody --regid "$(stat -c %g /var/run/docker.sock)" --clear-groups env HOME="$work/nobody" SKIFF_HOME="$work/nobody" \
      KUBECONFIG="$work/nobody/config" "$skiff_binary" delete -p $profile 2>&1) || code=$?
    expect_eq $code 51 "exit code of another user's delete ($out)"
    expect_eq "$(ours)" "$before" "containers, volumes and networks"
  else
    echo "skipped: only root can become another user"
  fi
else
  echo "skipped: no root to try sudo with"
fi

step "a context of somebody else's cluster is in the way: nothing is made, and the file stays as it is"
use_profile e2e-homes-too
cat >"$work/others" <<'YAML'
# by hand
apiVersion: v1
kind: Config
clusters:
- {name: e2e-homes-too, cluster: {server: "https://192.0.2.1:6443", insecure-skip-tls-verify: yes}}
contexts:
- {name: e2e-homes-too, context: {cluster: e2e-homes-too, user: e2e-homes-too, namespace: theirs}}
users:
- {name: e2e-homes-too, user: {token: theirs}}
current-context: e2e-homes-too
YAML
cp "$work/others" "$work/others.before"
expect_error KUBECONFIG_CONFLICT 31 other start -p e2e-homes-too
cmp "$work/others" "$work/others.before"
expect_nothing_left e2e-homes-too

step "the same engine, another name, another context: both clusters work"
other start -p e2e-homes-too --context-name e2e-homes-mine --keep-context
profile=e2e-homes
kubectl get configmap kept

step "kubectl writes the same file meanwhile: neither loses what the other has written"
real_kubectl=$(find "$SKIFF_CACHE_DIR" -name kubectl | head -n 1)
config() { KUBECONFIG=$work/others "$real_kubectl" config "$@"; }
for round in $(seq 20); do
  config delete-context e2e-homes-mine >/dev/null
  config set-cluster "round-$round" --server "https://192.0.2.$round:6443" >/dev/null & writer=$!
  other update-context -p e2e-homes-too --keep-context >/dev/null
  wait $writer
  [ "$(config get-contexts -o name | grep -cx 'e2e-homes-mine\|e2e-homes-too')" = 2 ] || fail "round $round: a context is lost: $(cat "$work/others")"
  [ "$(config get-clusters | grep -c '^round-')" = "$round" ] || fail "round $round: a cluster is lost: $(cat "$work/others")"
done
other delete -p e2e-homes-too
expect_nothing_left e2e-homes-too
expect_eq "$(config get-contexts -o name)" e2e-homes-too "contexts after delete"
expect_eq "$(config view --raw -o jsonpath='{.current-context} {.clusters[?(@.name=="e2e-homes-too")].cluster} {.contexts[0].context.namespace} {.users[*].user.token}')" \
  'e2e-homes-too {"insecure-skip-tls-verify":true,"server":"https://192.0.2.1:6443"} theirs theirs' "what is theirs"

step "a lost home is made anew from the running control plane"
rm -rf "$SKIFF_HOME"
expect_error NAME_CONFLICT 51 skiff start -p $profile
skiff profile adopt $profile 2>"$work/stderr"
grep -q "$SKIFF_HOME" "$work/stderr" || fail "it does not say whose it was: $(cat "$work/stderr")"
kubectl get configmap kept
expect_match "$(skiff start -p $profile --dry-run)" 'cp1 .*keep'

step "and from a stopped one, by another home"
skiff stop -p $profile
other profile adopt $profile
other start -p $profile
expect_eq "$(other -p $profile kubectl -- get configmap kept -o name)" configmap/kept
expect_eq "$(other -p $profile kubectl -- get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
other delete -p $profile
rm -rf "$SKIFF_HOME/profiles/$profile" "$KUBECONFIG"  # the first home still thinks that it has it
expect_nothing_left $profile
