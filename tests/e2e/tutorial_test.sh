# The newcomer's tutorial, word for word with skiff in minikube's place: steps 1 and 2.
source "$(dirname "$0")/lib.sh"
use_profile minikube-lab

step "1. a cluster of three nodes"
skiff start --nodes 3 -p minikube-lab
expect_eq "$(kubectl get nodes --no-headers | grep -c ' Ready ')" 3 "Ready nodes"

step "2. an application, its service, and its name in DNS"
load_images
kubectl apply -f "$here/manifests/hello.yaml"
kubectl rollout status deployment/helloworld --timeout=120s
answers=$(in_cluster 'for i in $(seq 30); do curl -sS --max-time 5 helloworld-service:7070; done')
expect_eq "$(grep -cE '^Hello world \(ID: [0-9]+\)$' <<<"$answers")" 30 "greetings"
[ "$(sort -u <<<"$answers" | wc -l)" -gt 1 ] || fail "one pod answered every request: $answers"

step "1 again. after a stop"
skiff stop -p minikube-lab
skiff start --nodes 3 -p minikube-lab
kubectl rollout status deployment/helloworld --timeout=120s
expect_match "$(in_cluster 'curl -sS --max-time 5 helloworld-service:7070')" 'Hello world \(ID: [0-9]+\)'
