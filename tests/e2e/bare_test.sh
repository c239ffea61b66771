# SPDX-License-Identifier: Apache-2.0
# Nodes without Kubernetes: on a network that was there, with a published port and a registry without TLS; then Kubernetes comes.
source "$(dirname "$0")/lib.sh"
use_profile e2e-bare
network=skiff-e2e-shared registry=192.168.207.250:5000
at_end() { docker rm -f skiff-e2e-registry; docker network rm $network; docker rmi "$registry/app:1"; }
at_end >/dev/null 2>&1 || true
docker network create --subnet 192.168.207.0/24 $network >/dev/null
docker load -q -i "$(skiff image prepare registry)"
docker load -q -i "$(skiff image prepare hello)"
printf 'version: 0.1\nstorage: {filesystem: {rootdirectory: /var/lib/registry}}\nhttp: {addr: ":5000"}\n' >"$work/registry.yml"
docker run -d --name skiff-e2e-registry --network $network --ip 192.168.207.250 -v "$work/registry.yml:/registry.yml:ro" \
  "$(docker images --format '{{.Repository}}:{{.Tag}}' skiff.dev/registry | head -1)" serve /registry.yml >/dev/null

has_image() { skiff image ls -p $profile | grep -xF "$1" >/dev/null; }

step "what cannot be had is refused before anything is made"
expect_error USAGE 14 skiff start -p $profile --no-kubernetes --kubernetes-version stable
expect_error USAGE 14 skiff start -p $profile --no-kubernetes --addons ingress
expect_error USAGE 14 skiff start -p $profile --ports 80
expect_error USAGE 14 skiff start -p $profile --insecure-registry 192.168.207.0/24
expect_error UNSUPPORTED 15 skiff start -p $profile --network bridge
expect_nothing_left $profile

step "nodes that run containers, and nothing of Kubernetes"
skiff start -p $profile -n 2 --no-kubernetes --network $network --ports 127.0.0.1:28099:28099
expect_eq "$(skiff -p $profile ssh "pidof kubelet || echo none")" none "kubelet"
expect_match "$(skiff status -p $profile)" 'Kubernetes +none'
expect_match "$(skiff profile list)" "$profile +docker +none +2 +Running"
expect_error UNSUPPORTED 15 skiff -p $profile kubectl -- get nodes
expect_eq "$(docker inspect -f "{{(index .NetworkSettings.Networks \"$network\").IPAddress}}" $profile-cp1)" "$(skiff ip -p $profile)" "address"
expect_eq "$(docker port $profile-cp1 28099/tcp)" 127.0.0.1:28099 "published port"
expect_error PROFILE_CONFLICT 11 skiff start -p $profile --ports 28100:28100

step "a registry without TLS is used when nodes are told of it, and not before"
docker tag skiff.dev/hello:1 "$registry/app:1"
skiff image load -p $profile "$registry/app:1"
expect_error NODE_COMMAND_FAILED 80 skiff image push -p $profile "$registry/app:1"
skiff start -p $profile --insecure-registry $registry
skiff image push -p $profile "$registry/app:1"
skiff image rm -p $profile "$registry/app:1"
docker rmi "$registry/app:1" >/dev/null
skiff image load -p $profile --pull "$registry/app:1"
has_image "$registry/app:1" || fail "the image was not pulled"
skiff image save -p $profile --daemon "$registry/app:1"
docker image inspect "$registry/app:1" >/dev/null
skiff start -p $profile --insecure-registry ''
expect_error NODE_COMMAND_FAILED 80 skiff image push -p $profile "$registry/app:1"

step "a stopped one comes back as it was, and Kubernetes when it is asked for"
skiff stop -p $profile
skiff start -p $profile
expect_eq "$(skiff -p $profile ssh "pidof kubelet || echo none")" none "kubelet"
skiff start -p $profile --kubernetes-version stable
expect_eq "$(kubectl get nodes -o name | wc -l)" 2 "nodes"
kubectl get storageclass standard >/dev/null
has_image "$registry/app:1" || fail "the image is gone"

step "the network that was there stays"
skiff delete -p $profile
expect_nothing_left $profile
docker network inspect $network >/dev/null
