# SPDX-License-Identifier: Apache-2.0
# The registry: images that are pushed to it run in pods, on every node.
source "$(dirname "$0")/lib.sh"
use_profile e2e-registry

step "the registry requires storage"
skiff start -n 3 -p $profile --schedule-on-control-plane=true
skiff -p $profile addons disable storage
skiff -p $profile addons enable registry
expect_match "$(skiff -p $profile addons list)" 'storage +enabled'
expect_match "$(kubectl get configmap local-registry-hosting -n kube-public -o 'jsonpath={.data}')" 'localhost:5000'
expect_error ADDON_CONFLICT 91 skiff -p $profile addons disable storage

step "an image pushed from this host runs on every node"
docker load -q -i "$(skiff image prepare hello)"
pushed=localhost:5000/pushed:1
docker tag skiff.dev/hello:1 "$pushed"
docker push "$pushed"
docker rmi "$pushed" skiff.dev/hello:1 >/dev/null
sed 's|skiff.dev/hello:1|localhost:5000/pushed:1|' "$here/manifests/hello-everywhere.yaml" | kubectl apply -f -
kubectl rollout status deployment/everywhere --timeout=120s
kubectl delete deployment everywhere --wait

step "it answers as minikube's does: on port 80, and under minikube's labels"
expect_match "$(kubectl get --raw /api/v1/namespaces/kube-system/services/registry:80/proxy/v2/_catalog)" '"pushed"'
expect_match "$(kubectl get pods -n kube-system -l actual-registry=true,kubernetes.io/minikube-addons=registry -o name)" '^pod/registry-'

step "images are kept over stop and start"
skiff stop -p $profile
skiff start -p $profile
expect_match "$(kubectl get --raw /api/v1/namespaces/kube-system/services/registry:5000/proxy/v2/_catalog)" '"pushed"'

expect_match "$(curl -sf http://localhost:5000/v2/_catalog)" '"pushed"' "the forward after a start"

step "an image pushed from a node, as builders in the cluster do"
skiff -p $profile image load "$(skiff image prepare hello)"
skiff image tag -p $profile skiff.dev/hello:1 localhost:5000/inside:1
skiff ssh -p $profile -- ctr -n k8s.io images push --plain-http localhost:5000/inside:1
skiff image rm -p $profile localhost:5000/inside:1

step "images leave the nodes by name, and come back from the registry or an archive"
has_image() { skiff image ls -p $profile | has -xF "$1"; }
! has_image localhost:5000/inside:1 || fail "the name is still there"
has_image skiff.dev/hello:1 || fail "the image went with one of its names"
skiff image pull -p $profile localhost:5000/inside:1
has_image localhost:5000/inside:1 || fail "the pulled image is not there"
skiff image save -p $profile skiff.dev/hello:1 "$work/hello.tar"
skiff image rm -p $profile localhost:5000/inside:1 skiff.dev/hello:1
! has_image skiff.dev/hello:1 || fail "the image is still there"
expect_error IMAGE_NOT_FOUND 73 skiff image rm -p $profile skiff.dev/hello:1
expect_error NODE_COMMAND_FAILED 80 skiff image pull -p $profile localhost:5000/absent:1
expect_error HOST_ERROR 30 skiff image save -p $profile skiff.dev/storage:1 "$work/absent/x.tar"
skiff image load -p $profile "$work/hello.tar"
has_image skiff.dev/hello:1 || fail "the archive did not bring the image"

step "a pod of an image that was pushed"
sed 's|skiff.dev/hello:1|localhost:5000/inside:1|' "$here/manifests/hello-everywhere.yaml" | kubectl apply -f -
kubectl rollout status deployment/everywhere --timeout=120s

step "a node that comes later has it too, at once"
skiff node add -p $profile
expect_eq "$(kubectl get daemonset registry-node -n kube-system -o 'jsonpath={.status.numberReady}')" 4 "ready pods"

step "disable removes it with its images"
kubectl delete deployment everywhere
skiff -p $profile addons disable registry storage
if curl -sf http://localhost:5000/v2/; then fail "localhost:5000 still answers"; fi
expect_eq "$(kubectl get persistentvolumes -o name)" "" "volumes"

step "where another program has port 5000 it is the next free one, under one name here, in the ConfigMap and on the nodes"
python3 -c 'import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", 5000)); s.listen(); time.sleep(600)' &
at_end() { kill $other; docker rmi "$moved"; }
other=$!
eventually 10 bash -c ': </dev/tcp/127.0.0.1/5000'
skiff -p $profile addons enable registry
host=$(kubectl get configmap local-registry-hosting -n kube-public -o 'jsonpath={.data.localRegistryHosting\.v1}' | sed -n 's/^host: //p')
expect_match "$host" '^localhost:50[0-9][1-9]$'
moved=$host/moved:1
docker load -q -i "$(skiff image prepare hello)"
docker tag skiff.dev/hello:1 "$moved"
docker push "$moved"
kubectl run moved --image="$moved"
kubectl wait pod/moved --for=condition=Ready --timeout=60s
skiff stop -p $profile
skiff start -p $profile
expect_match "$(curl -sf "http://$host/v2/_catalog")" '"moved"' "the forward after a start"
