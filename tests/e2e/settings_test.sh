# SPDX-License-Identifier: Apache-2.0
# What users set about Kubernetes itself: it reaches every component, is kept, can change, and a mistake is told at once.
source "$(dirname "$0")/lib.sh"
use_profile e2e-settings

configz() { kubectl get --raw "/api/v1/nodes/$profile-cp1/proxy/configz"; }
flags_of() { skiff -p $profile ssh "tr '\0' '\n' </proc/\$(pidof $1)/cmdline"; }
names() { openssl s_client -connect 192.168.199.200:8443 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName; }

step "all of them at a first start"
skiff start -p $profile --static-ip 192.168.199.200 --apiserver-port 8443 --apiserver-names api.lab.example \
  --apiserver-ips 10.1.2.3 --service-cluster-ip-range 10.110.0.0/16 --cert-expiration 48h --dns-domain k8s.lab --namespace dev --wait apiserver,system_pods \
  --cpus max --memory no-limit --feature-gates AllAlpha=false --extra-config kubelet.max-pods=50 \
  --extra-config kubelet.logging.verbosity=3 --extra-config proxy.conntrack.min=5 --extra-config scheduler.v=3 \
  --extra-config apiserver.enable-admission-plugins=NodeRestriction,NamespaceAutoProvision
expect_match "$(names)" 'IP Address:10.1.2.3'
expect_match "$(names)" 'DNS:api.lab.example'
expect_match "$(names)" 'DNS:kubernetes.default.svc.k8s.lab'
expect_match "$(kubectl get --raw /.well-known/openid-configuration)" '"issuer":"https://kubernetes.default.svc.k8s.lab"'
expect_match "$(cat "$KUBECONFIG")" 'namespace: dev'
expect_match "$(cat "$KUBECONFIG")" 'provider: skiff.dev'
expect_eq "$(kubectl get service kubernetes -n default -o 'jsonpath={.spec.clusterIP}')" 10.110.0.1
expect_match "$(configz)" '"clusterDomain":"k8s.lab"'
expect_match "$(configz)" '"maxPods":50'
expect_match "$(configz)" '"verbosity":3'
expect_match "$(flags_of kube-scheduler)" '--v=3'
expect_match "$(flags_of kube-scheduler)" '--feature-gates=AllAlpha=false'
expect_eq "$(flags_of kube-apiserver | grep -c enable-admission-plugins)" 1 "flags of that name"
kubectl run one --image=skiff.dev/none --namespace=made-by-admission
kubectl get namespace made-by-admission

step "they are kept over stop and start"
skiff stop -p $profile
skiff start -p $profile
expect_match "$(configz)" '"maxPods":50'
expect_match "$(names)" 'DNS:api.lab.example'

step "a mistake ends the start with the component's words, and leaves the profile as it was"
expect_error NODE_FAILED 80 skiff start -p $profile --extra-config apiserver.nonsense=1
expect_match "$(cat "$work/stderr")" 'unknown flag: --nonsense'
expect_match "$(cat "$work/stderr")" '--extra-config'
expect_error NODE_FAILED 80 skiff start -p $profile --extra-config kubelet.maxPods=many
skiff start -p $profile
expect_match "$(configz)" '"maxPods":50'

step "a cluster that runs starts anew with others; port and domain are for life"
skiff start -p $profile --extra-config kubelet.max-pods=60 --apiserver-names other.example --namespace prod
expect_match "$(configz)" '"maxPods":60'
expect_match "$(names)" 'DNS:other.example'
expect_match "$(cat "$KUBECONFIG")" 'namespace: prod'
expect_eq "$(flags_of kube-scheduler | grep -c -- --v=3)" 0 "flags that are not asked for any more"
expect_error PROFILE_CONFLICT 11 skiff start -p $profile --apiserver-port 9443
expect_error PROFILE_CONFLICT 11 skiff start -p $profile --dns-domain cluster.local

step "claims need no pod where the only node is known"
claim() { printf 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: %s, namespace: default}\nspec: {storageClassName: %s, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}\n' "$1" "$2"; }
skiff -p $profile addons enable storage --set binding=Immediate
claim at-once standard | kubectl apply -f -
kubectl wait pvc/at-once -n default --for=jsonpath='{.status.phase}'=Bound --timeout=30s
claim later local-path | kubectl apply -f -
expect_eq "$(kubectl get pvc later -n default -o 'jsonpath={.status.phase}')" Pending
skiff stop -p $profile
skiff start -p $profile
expect_eq "$(kubectl get storageclass standard -o 'jsonpath={.volumeBindingMode}')" Immediate
