# The registry: images that are pushed to it run in pods, on every node.
source "$(dirname "$0")/lib.sh"
use_profile e2e-registry

step "the registry brings the storage that it requires"
skiff start -n 3 -p $profile --schedule-on-control-plane=true
skiff -p $profile addons enable registry
expect_match "$(skiff -p $profile addons list)" 'storage +enabled'
expect_match "$(kubectl get configmap local-registry-hosting -n kube-public -o 'jsonpath={.data}')" 'localhost:5000'
expect_error ADDON_CONFLICT 91 skiff -p $profile addons disable storage

step "an image pushed to localhost:5000 runs on every node"
skiff -p $profile image load "$(skiff image prepare hello)"
skiff ssh -p $profile -- ctr -n k8s.io images tag skiff.dev/hello:1 localhost:5000/pushed:1
skiff ssh -p $profile -- ctr -n k8s.io images push --plain-http localhost:5000/pushed:1
skiff ssh -p $profile -- ctr -n k8s.io images rm localhost:5000/pushed:1
sed 's|skiff.dev/hello:1|localhost:5000/pushed:1|' "$here/manifests/hello-everywhere.yaml" | kubectl apply -f -
kubectl rollout status deployment/everywhere --timeout=120s

step "disable removes it with its images"
kubectl delete deployment everywhere
skiff -p $profile addons disable registry storage
expect_eq "$(kubectl get persistentvolumes -o name)" "" "volumes"
