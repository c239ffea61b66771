# SPDX-License-Identifier: Apache-2.0
# A Docker on another machine, as far as skiff can tell: the engine is reached over TLS, so its networks are not this host's.
source "$(dirname "$0")/lib.sh"
use_profile e2e-remote

socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
[[ $socket == unix://* ]] || { echo "skipped: the engine is remote already ($socket)"; exit 77; }

step "an engine that asks for a client certificate"
certificates=$work/certificates
mkdir "$certificates"
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=authority "$@"; }
signed() {  # signed NAME EXTENSION
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -keyout "$certificates/$1-key.pem" |
    openssl x509 -req -days 1 -CA "$certificates/ca.pem" -CAkey "$work/ca-key.pem" -CAcreateserial \
      -extfile <(echo "$2") -out "$certificates/$1-cert.pem"
}
{
  authority -keyout "$work/ca-key.pem" -out "$certificates/ca.pem"
  signed server subjectAltName=IP:127.0.0.1
  signed client extendedKeyUsage=clientAuth
} 2>"$work/openssl" || fail "$(cat "$work/openssl")"
mv "$certificates/client-cert.pem" "$certificates/cert.pem"
mv "$certificates/client-key.pem" "$certificates/key.pem"
port=$(free_port)
# -t: a command's output may go on long after its input has ended.
socat -t 3600 "OPENSSL-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork,cert=$certificates/server-cert.pem,key=$certificates/server-key.pem,cafile=$certificates/ca.pem,verify=1" \
  "UNIX-CONNECT:${socket#unix://}" 2>"$work/socat" &
socat=$!
at_end() { kill $socat; }
remote=(DOCKER_HOST=tcp://127.0.0.1:$port DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=$certificates)
skiff_here() { env -u DOCKER_HOST -u DOCKER_TLS_VERIFY -u DOCKER_CERT_PATH DOCKER_HOST="$socket" "$skiff_binary" "$@"; }
docker() { env -u DOCKER_TLS_VERIFY -u DOCKER_CERT_PATH DOCKER_HOST="$socket" "$(type -P docker)" "$@"; }
export "${remote[@]}"
eventually 10 skiff node-image list

step "an engine whose authority is another one is refused"
mkdir "$work/others"
authority -keyout "$work/others/key.pem" -out "$work/others/cert.pem" 2>/dev/null
cp "$work/others/cert.pem" "$work/others/ca.pem"
export DOCKER_CERT_PATH=$work/others
expect_error DOCKER_NOT_RUNNING 69 skiff start -p $profile
grep -qi certificate "$work/stderr" || fail "no reason: $(cat "$work/stderr")"
export DOCKER_CERT_PATH=$certificates

step "a cluster of two nodes; its API is published, and nothing else"
python3 -m http.server --bind 127.0.0.1 26443 >/dev/null 2>&1 &  # the first port is somebody else's
taken=$!
at_end() { kill $socat $taken; }
eventually 10 curl -sS http://127.0.0.1:26443/
skiff start -n 2 -p $profile
server=$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')
expect_match "$server" '^https://127\.0\.0\.1:264[0-9][0-9]$'
[ "$server" != https://127.0.0.1:26443 ] || fail "the cluster has a port that was taken"
expect_eq "$(docker port $profile-cp1 | wc -l)" 1 "published ports"
expect_eq "$(docker port $profile-w1)" "" "published ports of a worker"
expect_eq "$(docker inspect -f '{{range $p, $at := .HostConfig.PortBindings}}{{range $at}}{{.HostIp}}{{end}}{{end}}' $profile-cp1)" \
  127.0.0.1 "the address by which the engine was reached"
expect_eq "$(docker ps -aq --filter name=skiff-look-)" "" "containers that have shown the name servers of the host"
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 2 "Ready nodes"
skiff -p $profile status

step "the application, through everything that reaches into a cluster"
deploy_hello
expect_match "$(in_cluster 'curl -sS --max-time 5 helloworld-service:7070')" 'Hello world'
eventually 10 greets "$(skiff -p $profile service helloworld-service2 --url)"
eventually 10 greets "$(skiff -p $profile service helloworld-service --url)"
expect_eq "$(skiff -p $profile ssh -n w1 -- hostname)" $profile-w1
expect_eq "$(echo typed | skiff -p $profile ssh cat)" typed
expect_match "$(skiff -p $profile logs --service kubelet)" kubelet

step "this machine's own engine knows the cluster too"
expect_match "$(skiff_here -p $profile status)" 'API server +Running'

step "stop and start: the API is where it was"
skiff -p $profile stop
skiff -p $profile start
expect_eq "$(kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}')" "$server"
kubectl rollout status deployment/helloworld --timeout=120s

step "stopped, and its port given to another: said, and put right once it is free"
skiff -p $profile stop
python3 -m http.server --bind 127.0.0.1 "${server##*:}" >/dev/null 2>&1 &
thief=$!
at_end() { kill $socat $taken $thief; }
eventually 10 curl -sS "http://${server#https://}/"
expect_error PORT_IN_USE 31 skiff -p $profile start
kill $thief
wait $thief 2>/dev/null || true
skiff -p $profile start
skiff -p $profile status

step "delete leaves nothing"
skiff -p $profile delete
expect_nothing_left $profile

step "three control planes, one of them lost: each API server is published, and the kubeconfig leads to one that runs"
skiff start -p $profile --control-planes 3
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"
expect_eq "$(skiff -p $profile ssh -n cp1 -- skiff-member list | cut -d' ' -f2 | sort | uniq -c | tr -s ' ')" " 3 voter"
server() { kubectl config view --minify -o 'jsonpath={.clusters[0].cluster.server}'; }
published() { docker port $profile-$1 | sed 's/.* -> /https:\/\//'; }
find_server() { for each in cp1 cp2 cp3; do [ "$(published $each)" != "$(server)" ] || echo $each; done; }
for each in cp1 cp2 cp3; do expect_eq "$(docker port $profile-$each | wc -l)" 1 "published ports of $each"; done
of_server=$(find_server)
[ -n "$of_server" ] || fail "the kubeconfig leads to $(server), which is nobody's"
kubectl create configmap kept --from-literal=written=before
docker kill $profile-$of_server >/dev/null
skiff update-context -p $profile
eventually 20 kubectl get configmap kept --request-timeout=3s
kubectl create configmap after --from-literal=written=after
! skiff -p $profile status >"$work/status" || fail "status says that all is well without $of_server"
skiff node start $of_server -p $profile
eventually 20 skiff -p $profile status
skiff -p $profile stop
skiff -p $profile start
kubectl get configmap kept after

step "the very control plane by which this host reaches the API leaves"
of_server=$(find_server)
skiff node delete $of_server -p $profile
kubectl get configmap kept after
skiff -p $profile status
skiff -p $profile delete
expect_nothing_left $profile

step "a cluster made on this machine alone cannot be worked with from another"
skiff_here start -p $profile
expect_error KUBE_UNREACHABLE 109 skiff -p $profile status
skiff_here delete -p $profile
expect_nothing_left $profile
