# SPDX-License-Identifier: Apache-2.0
# One cluster through its whole life: pods on every node, exec, logs, networks, stop, start, a killed node, delete.
source "$(dirname "$0")/lib.sh"
use_profile e2e-life

step "start, with pods allowed everywhere"
skiff start -n 3 -p $profile --schedule-on-control-plane=true
load_images
kubectl apply -f "$here/manifests/hello-everywhere.yaml"
kubectl rollout status deployment/everywhere --timeout=120s
nodes=$(kubectl get pods -l app=everywhere -o 'jsonpath={range .items[*]}{.spec.nodeName}{"\n"}{end}' | sort -u | wc -l)
expect_eq "$nodes" 3 "nodes with a pod"

step "exec and logs"
pod=$(kubectl get pods -l app=everywhere -o 'jsonpath={.items[0].metadata.name}')
kubectl logs "$pod" >/dev/null
kubectl run shell --image=skiff.dev/curl:1 --restart=Never --command -- sleep 3600
kubectl wait --for=condition=Ready pod/shell --timeout=60s
expect_eq "$(kubectl exec shell -- sh -c 'echo from the pod')" "from the pod"

step "pods reach each other across nodes"
for ip in $(kubectl get pods -l app=everywhere -o 'jsonpath={.items[*].status.podIP}'); do
  expect_match "$(kubectl exec shell -- curl -sS --max-time 5 "$ip:7070")" 'Hello world'
done

step "a pod and a node reach a server of this host by name"
mkdir "$work/served" && echo 'from the host' >"$work/served/word"
python3 -B -u -m http.server --bind 0.0.0.0 --directory "$work/served" 0 >"$work/server" 2>&1 &
server=$!
at_end() { kill $server; }
eventually 10 grep -oE 'port [0-9]+' "$work/server"
port=$(grep -oE 'port [0-9]+' "$work/server" | cut -d' ' -f2)
for name in host.skiff.internal host.minikube.internal host.docker.internal; do
  expect_eq "$(kubectl exec shell -- curl -sS --max-time 5 "http://$name:$port/word")" "from the host" "$name in a pod"
  expect_eq "$(skiff ssh -p $profile -n w1 -- curl -sS --max-time 5 "http://$name:$port/word")" "from the host" "$name in a node"
done
kill $server

step "a pod reaches the outside by name, where there is an outside"
outside=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m 1 '^http:' || true)  # this machine's package mirror
if [ -n "$outside" ] && curl -sS --max-time 10 -o /dev/null "$outside"; then
  eventually 30 kubectl exec shell -- curl -sS --max-time 10 -o /dev/null "$outside"
else
  echo "skipped: this machine reaches no package mirror by name"
fi

step "ssh: a command with its exit code, on every node"
expect_eq "$(skiff ssh -p $profile -n w2 -- hostname)" "$profile-w2"
code=0; skiff ssh -p $profile "exit 7" || code=$?
expect_eq $code 7 "exit code through ssh"
expect_eq "$(skiff ssh -p $profile "echo 'two  words' | tr a-z A-Z")" "TWO  WORDS" "a pipe and quotes in one word"
expect_eq "$(skiff ssh -p $profile -- sudo ls -d /var/log /etc/skiff | tr '\n' ' ')" "/etc/skiff /var/log " "sudo, and flags after --"
expect_eq "$(echo typed | skiff ssh -p $profile cat)" typed "a pipe as input"
expect_eq "$(skiff ssh -p $profile cat </dev/null)" "" "no input"

step "cp: into a node, between nodes, and back, byte for byte"
head -c 3000000 /dev/urandom >"$work/bytes"
skiff -p $profile cp "$work/bytes" w1:/tmp/
skiff -p $profile cp w1:/tmp/bytes w2:/var/copied
skiff -p $profile cp w2:/var/copied "$work/back"
cmp "$work/bytes" "$work/back" || fail "the copy differs"
skiff -p $profile cp "$work/bytes" /var/new/folder/bytes  # no node: the control plane; the folders are made
skiff -p $profile cp $profile:/var/new/folder/bytes "$work/back"
cmp "$work/bytes" "$work/back" || fail "the copy differs"
expect_error NODE_COMMAND_FAILED 80 skiff -p $profile cp w1:/tmp/absent "$work/back"
cmp "$work/bytes" "$work/back" || fail "a failed copy changed the file"

step "status tells the truth"
expect_eq "$(skiff status -p $profile -o json | tail -n 1 | grep -o '"kubelet":"Ready"' | wc -l)" 3 "Ready kubelets"

status_code() { local code=0; skiff status -p $profile >/dev/null || code=$?; echo $code; }
skiff ssh -p $profile -n w2 -- s6-svc -d /run/service/kubelet
kubectl delete node $profile-w2
expect_eq "$(status_code)" 8 "status bits when the API lacks a node"
expect_match "$(skiff status -p $profile || true)" "$profile-w2 .*Missing"
skiff ssh -p $profile -n w2 -- s6-svc -u /run/service/kubelet
skiff start -p $profile
expect_eq "$(status_code)" 0 "status bits of a repaired cluster"

step "what names a service never leaves its node while kube-proxy is not there"
in_w1() { skiff ssh -p $profile -n w1 -- "$@"; }
in_w1 s6-svc -wD -d /run/service/kube-proxy
in_w1 nft delete table ip kube-proxy
in_w1 nft -f - <<'END'
table ip seen {
  chain leaving { type filter hook postrouting priority 300; ip daddr 10.96.0.1 counter; }
}
END
code=0; in_w1 curl -ksS --max-time 2 https://10.96.0.1/version || code=$?
expect_eq $code 28 "exit code of a question that nobody answers"
expect_match "$(in_w1 nft list table ip seen)" "counter packets 0 "
in_w1 nft delete table ip seen
in_w1 s6-svc -u /run/service/kube-proxy
eventually 30 in_w1 curl -ksS --max-time 2 -o /dev/null https://10.96.0.1/version

step "archives: the names that they give, and nothing that no pod could use"
hello=$(skiff image prepare hello)
gzip -c "$hello" | skiff -p $profile image load -
docker load -qi "$hello" >/dev/null
id=$(docker images -q skiff.dev/hello:1)
docker save "$id" -o "$work/nameless.tar"
expect_error IMAGE_INVALID 78 skiff -p $profile image load "$work/nameless.tar"
skiff -p $profile image load --name given:2 "$work/nameless.tar"
skiff -p $profile image ls | has -x 'docker.io/library/given:2' || fail "$(skiff -p $profile image ls)"
(mkdir -p "$work/in/skiff.dev/hello:1" && cd "$work/in" && skiff -p $profile image load skiff.dev/hello:1)  # not the folder
head -c 3000 "$hello" >"$work/cut.tar"
expect_error IMAGE_INVALID 78 skiff -p $profile image load "$work/cut.tar"
kubectl rollout restart deployment/everywhere
kubectl rollout status deployment/everywhere --timeout=120s
docker rmi skiff.dev/hello:1 >/dev/null

step "ssh ends with its command, whatever its input does"
timeout 20 "$skiff_binary" -p $profile ssh true < <(sleep 30) || fail "exit code $?"

step "start gives a cluster that runs the name servers of now"
before=$(skiff ssh -p $profile -- cat /etc/skiff/resolv.conf)
for node in cp1 w1 w2; do skiff ssh -p $profile -n $node "echo nameserver 192.0.2.1 >/etc/skiff/resolv.conf"; done
dns_pods() { kubectl get pods -n kube-system -l k8s-app=kube-dns -o name; }
dns=$(dns_pods)
skiff start -p $profile
for node in cp1 w1 w2; do expect_eq "$(skiff ssh -p $profile -n $node -- cat /etc/skiff/resolv.conf)" "$before"; done
is_anew() { local now; now=$(dns_pods); [ "$(wc -l <<<"$now")" = 1 ] && ! grep -qxF "$now" <<<"$dns"; }
eventually 60 is_anew
after=$(dns_pods)
skiff start -p $profile
expect_eq "$(dns_pods)" "$after" "cluster DNS when nothing has changed"

step "pause freezes the nodes, unpause lets them go on"
skiff pause -p $profile
expect_eq "$(status_code)" 7 "status bits of a paused cluster"
expect_match "$(skiff status -p $profile || true)" 'API server +Paused'
expect_match "$(docker inspect -f '{{.State.Status}}' "$profile-cp1" "$profile-w1" "$profile-w2" | tr '\n' ' ')" "^(paused ){3}$"
skiff unpause -p $profile
kubectl get --raw /readyz
skiff unpause -p $profile
skiff pause -p $profile
skiff start -p $profile
kubectl get --raw /readyz

step "stop keeps data, start brings everything back at the same addresses"
before=$(node_addresses)
kubectl create configmap kept --from-literal=written=just-now
corefile() { kubectl -n kube-system get configmap coredns -o 'jsonpath={.data.Corefile}'; }
kubectl -n kube-system get configmap coredns -o yaml | sed 's/cache 30/cache 31/' | kubectl apply -f - 2>/dev/null
kubectl -n kube-system scale deployment coredns --replicas=2
kubectl taint node $profile-cp1 own=yes:PreferNoSchedule
expect_error UNSUPPORTED 15 skiff stop -p $profile --keep-memory
skiff stop -p $profile
code=0; skiff status -p $profile >/dev/null || code=$?
expect_eq $code 7 "status bits of a stopped cluster"
expect_error CLUSTER_NOT_RUNNING 89 skiff ssh -p $profile -- true
skiff start -p $profile
expect_eq "$(node_addresses)" "$before" "addresses"
expect_eq "$(kubectl get configmap kept -o 'jsonpath={.data.written}')" just-now
expect_match "$(corefile)" 'cache 31'
expect_eq "$(kubectl -n kube-system get deployment coredns -o 'jsonpath={.spec.replicas}')" 2 "replicas of cluster DNS"
expect_match "$(kubectl get node $profile-cp1 -o 'jsonpath={.spec.taints}')" '"key":"own"'
kubectl rollout status deployment/everywhere --timeout=120s

step "a stop that comes later, in the background, and one that a start cancels"
skiff stop -p $profile --schedule 10m
skiff start -p $profile
expect_match "$(skiff stop -p $profile --cancel-scheduled 2>&1)" 'No stop was scheduled'
(setsid "$skiff_binary" stop -p $profile --schedule 2s --keep-context-active)
is_stopped() { [ "$(status_code)" = 7 ]; }
eventually 60 is_stopped
expect_match "$(cat "$KUBECONFIG")" "current-context: \"?$profile" "the context that was to be kept"
[ ! -e "$SKIFF_HOME/profiles/$profile/state/scheduled-stop" ] || fail "the schedule is left"
skiff start -p $profile

step "logs: audit, the last start, problems, a file, and as they are written"
expect_match "$(skiff logs --audit)" "start +-p $profile"
expect_match "$(skiff logs --last-start-only -p $profile)" 'Waiting for the nodes to be Ready'
skiff logs -p $profile --file "$work/report" -n 3
for words in '==> Audit <==' '==> Last Start <==' Linux '==> kube-apiserver <=='; do grep -q "$words" "$work/report" || fail "the report lacks $words"; done
timeout -s INT 5 "$skiff_binary" -p $profile logs -f -n 1 >"$work/followed" || true
grep -q '==> kubelet <==' "$work/followed" || fail "nothing was followed"
followers() { [ "$(skiff ssh -p $profile "pgrep -c '^tail$' || true")" = 0 ]; }
eventually 20 followers  # nothing goes on in the node
skiff logs -p $profile --problems >/dev/null

step "a killed node and a removed node are repaired by start"
docker kill "$profile-w1" >/dev/null
docker rm -f "$profile-w2" >/dev/null
skiff start -p $profile
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"
expect_eq "$(node_addresses)" "$before" "addresses"

step "delete leaves nothing"
skiff delete -p $profile
expect_nothing_left $profile
expect_error PROFILE_NOT_FOUND 13 skiff delete -p $profile
