# SPDX-License-Identifier: Apache-2.0
# The same tutorial with `minikube` typed, where that name is a link to skiff; then what scripts and programs read.
source "$(dirname "$0")/lib.sh"
mkdir "$work/bin"
skiff install-as minikube "$work/bin"
skiff install-as minikube "$work/bin"  # it is there already
skiff install-as kubectl "$work/bin"
ln -s /bin/true "$work/minikube"
expect_error HOST_ERROR 30 skiff install-as minikube "$work"
skiff_binary=$work/bin/minikube PATH=$work/bin:$PATH
export MINIKUBE_HOME=$work
mkdir -p "$SKIFF_HOME/files/etc/skiff-test" "$SKIFF_HOME/certs"
echo greetings >"$SKIFF_HOME/files/etc/skiff-test/motd"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key" -out "$SKIFF_HOME/certs/company.pem" -days 2 -subj /CN=company 2>/dev/null
source "$here/tutorial.sh"

json() { python3 -c "import json, sys; value = json.load(sys.stdin); print($1)"; }

step "what scripts read"
expect_eq "$(kubectl get nodes -o name | paste -sd' ')" "node/minikube-lab node/minikube-lab-m02 node/minikube-lab-m03"
for label in name=minikube-lab version commit updated_at primary; do
  expect_eq "$(kubectl get nodes -l "minikube.k8s.io/$label" -o name | wc -l)" 3 "nodes with the label $label"
done
expect_eq "$(kubectl get nodes -l minikube.k8s.io/primary=true -o name)" node/minikube-lab
expect_eq "$(minikube -p minikube-lab status -v=5 --alsologtostderr 2>/dev/null | grep -c '^host: Running$')" 3 "running hosts"
expect_eq "$(minikube -p minikube-lab status -f 'host:{{.Host}},apiserver:{{.APIServer}}')" "host:Running,apiserver:Running"
expect_eq "$(minikube profile list -o json | json 'len(value["valid"][0]["Config"]["Nodes"])')" 3 "nodes of the profile"
config=$work/.minikube/profiles/minikube-lab/config.json
expect_eq "$(json 'value["KubernetesConfig"]["NodePort"]' <"$config")" 6443
expect_eq "$(minikube -p minikube-lab ssh "cat /etc/hostname")" minikube-lab "host name"
expect_eq "$(minikube -p minikube-lab ssh -n m02 "sudo crictl images | grep -c hello")" 1 "images"
expect_match "$(minikube -p minikube-lab update-context)" 'No changes required'
expect_eq "$("$work/bin/kubectl" --context minikube-lab get nodes -o name | wc -l)" 3 "nodes by the link kubectl"

step "the user's files and certificates in nodes, and this host in pods"
expect_eq "$(minikube -p minikube-lab ssh "cat /etc/skiff-test/motd")" greetings
expect_match "$(minikube -p minikube-lab ssh -n m02 "openssl verify -CApath /etc/ssl/certs /etc/ssl/certs/company.pem")" ': OK$'
python3 -m http.server --directory "$SKIFF_HOME/files/etc/skiff-test" 0 >"$work/served" 2>&1 &
server=$!
eventually 5 grep -q 'port [0-9]' "$work/served"
port=$(grep -oE 'port [0-9]+' "$work/served" | grep -oE '[0-9]+')
expect_eq "$(in_cluster "curl -sS --max-time 5 host.minikube.internal:$port/motd")" greetings
kill "$server"

step "a node stops and starts"
minikube -p minikube-lab node stop m03
status=0
minikube -p minikube-lab status >"$work/status" || status=$?
expect_eq "$status" 7 "exit code with a stopped node"
expect_eq "$(grep -c '^host: Stopped$' "$work/status")" 1 "stopped hosts"
minikube -p minikube-lab node start m03 -v=5 --alsologtostderr 2>/dev/null
minikube -p minikube-lab status >/dev/null

step "events, a paused cluster, errors"
minikube pause -p minikube-lab --output=json >"$work/events" || fail "pause: $(cat "$work/events")"
[ -s "$work/events" ] || fail "no events"
while read -r event; do expect_eq "$(json 'value["specversion"]' <<<"$event")" 1.0; done <"$work/events"
status=0
state=$(minikube -p minikube-lab status --output=json --layout=cluster) || status=$?
expect_eq "$status" 2 "exit code of a paused cluster"
expect_eq "$(json 'value["StatusName"]' <<<"$state")" Paused
minikube unpause -p minikube-lab
status=0
minikube start -p other --driver=fail >"$work/out" 2>&1 || status=$?
expect_eq "$status" 56 "exit code of a driver that does not exist"
status=0
minikube status -p other >"$work/out" || status=$?
expect_eq "$status" 85 "exit code of a profile that does not exist"
expect_match "$(cat "$work/out")" 'Profile "other" not found'

minikube delete -p minikube-lab
expect_nothing_left minikube-lab
[ ! -e "$config" ] || fail "config.json is left"
