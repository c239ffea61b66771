# SPDX-License-Identifier: Apache-2.0
# Addons in general: names, values, own folders, and what happens when they do not work.
source "$(dirname "$0")/lib.sh"
use_profile e2e-addons

# own_addon NAME IMAGE [LINE...]: a folder with a namespace and a deployment; LINEs go to addon.yaml.
own_addon() {
  local name=$1 image=$2 folder=$SKIFF_HOME/addons/$1
  shift 2
  mkdir -p "$folder/manifests"
  cat >"$folder/addon.yaml" <<END
summary: An addon for this test
maintainer: the test
values:
  greeting: {default: hello, help: What it says}
images:
  - {name: main, reference: "$image", origin: made by the test}
ready:
  - {kind: Deployment, namespace: $name, name: app, condition: Available}
END
  printf '%s\n' "$@" >>"$folder/addon.yaml"
  cat >"$folder/manifests/app.yaml" <<END
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: $name}
spec:
  selector: {matchLabels: {app: $name}}
  template:
    metadata: {labels: {app: $name}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: app
          image: \${image.main}
          imagePullPolicy: Never
          command: [${command:-/hello}]
          env: [{name: GREETING, value: "\${greeting}"}]
          readinessProbe: {tcpSocket: {port: 7070}, periodSeconds: 1}
---
apiVersion: v1
kind: Namespace
metadata: {name: $name}
END
}
own_addon good skiff.dev/hello:1
own_addon rival skiff.dev/hello:1 'conflicts: [good]'
own_addon needy skiff.dev/hello:1 'requires: [good]'
own_addon absent skiff.dev/absent:1
command=/no-such-program own_addon broken skiff.dev/hello:1
mkdir -p "$SKIFF_HOME/addons/damaged"
printf 'summary: x\nmaintainer: y\nimges: []\n' >"$SKIFF_HOME/addons/damaged/addon.yaml"

greeting() { kubectl get deployment app -n good -o 'jsonpath={.spec.template.spec.containers[0].env[0].value}'; }
gone() { ! kubectl get namespace "$1" >/dev/null 2>&1; }
nothing_left_of() {
  gone "$1" || fail "the namespace $1 is left"
  expect_eq "$(kubectl get configmaps -n kube-system -o name | grep "skiff-addon-$1" || true)" "" "the record of $1"
  expect_eq "$(skiff -p $profile addons list -o json | tail -n 1 | grep -o "\"name\":\"$1\",\"enabled\":true" || true)" "" "$1 in the list"
}

step "names and folders are judged without a cluster"
expect_error PROFILE_NOT_FOUND 13 skiff -p $profile addons enable ingress
expect_error ADDON_NOT_FOUND 93 skiff -p $profile addons enable ingres
grep -q "did you mean 'ingress'" "$work/stderr" || fail "no nearest name"
expect_error ADDON_INVALID 98 skiff -p $profile addons enable damaged
grep -q 'damaged/addon.yaml:3' "$work/stderr" || fail "no line: $(cat "$work/stderr")"
expect_match "$(skiff -p $profile addons list)" 'good +disabled'

step "values are checked"
skiff start -p $profile
skiff -p $profile image load "$(skiff image prepare hello)"
expect_error USAGE 14 skiff -p $profile addons enable good --set greting=x
grep -q "did you mean 'greeting'" "$work/stderr" || fail "no nearest value"
expect_error USAGE 14 skiff -p $profile addons enable good --set greeting
expect_error USAGE 14 skiff -p $profile addons enable good --images man=x
expect_error USAGE 14 skiff -p $profile addons enable good needy --set greeting=x

step "an addon with what it requires; enable twice; change a value"
skiff -p $profile addons enable needy
expect_eq "$(greeting)" hello
skiff -p $profile addons enable good
skiff -p $profile addons configure good --set greeting='good day, you'
expect_eq "$(greeting)" 'good day, you'
expect_match "$(skiff -p $profile addons configure good)" 'greeting +good day, you +hello'
expect_error ADDON_CONFLICT 91 skiff -p $profile addons disable good

step "values of a file, which --set overrides; a default again"
printf 'greeting: from a file\n' >"$work/values.yaml"
skiff -p $profile addons configure good -f "$work/values.yaml"
expect_eq "$(greeting)" 'from a file'
skiff -p $profile addons configure good -f "$work/values.yaml" --set greeting=set
expect_eq "$(greeting)" set
skiff -p $profile addons configure good --unset greeting
expect_eq "$(greeting)" hello
printf 'greting: x\n' >"$work/values.yaml"
expect_error USAGE 14 skiff -p $profile addons configure good -f "$work/values.yaml"
printf '[1, 2]\n' >"$work/values.yaml"
expect_error CONFIG_INVALID 18 skiff -p $profile addons configure good -f "$work/values.yaml"
expect_error USAGE 14 skiff -p $profile addons configure good --unset greting
skiff -p $profile addons configure good --set greeting='good day, you'

expect_error ADDON_CONFLICT 91 skiff -p $profile addons enable rival
nothing_left_of rival

step "a change that does not work is taken back"
expect_error ADDON_FAILED 90 skiff -p $profile addons configure good --set greeting=x --images main=skiff.dev/absent:2
kubectl rollout status deployment/app -n good --timeout=60s
expect_eq "$(greeting)" 'good day, you'

step "disable removes everything, also what was changed by hand"
kubectl create configmap mine -n good
kubectl create deployment app2 --image=skiff.dev/hello:1
kubectl label deployment app2 dev.skiff.addon=good
skiff -p $profile addons disable needy good
nothing_left_of needy
nothing_left_of good
! kubectl get deployment app2 >/dev/null 2>&1 || fail "the labelled deployment is left"
skiff -p $profile addons disable good

step "an image that is absent and a program that does not start: said, taken back"
expect_error ADDON_FAILED 90 skiff -p $profile addons enable absent
grep -q 'skiff.dev/absent:1' "$work/stderr" || fail "no reason: $(cat "$work/stderr")"
nothing_left_of absent
expect_error ADDON_FAILED 90 skiff -p $profile addons enable broken
grep -q 'no-such-program' "$work/stderr" || fail "no reason: $(cat "$work/stderr")"
nothing_left_of broken

step "somebody else's objects are not touched"
kubectl create namespace good
expect_error ADDON_CONFLICT 91 skiff -p $profile addons enable good
kubectl get namespace good
kubectl delete namespace good --wait

step "on a stopped cluster it is noted down; start applies it, and removes what was disabled meanwhile"
skiff stop -p $profile
skiff -p $profile addons enable good
expect_match "$(skiff -p $profile addons list)" 'good +enabled'
skiff start -p $profile
kubectl rollout status deployment/app -n good --timeout=5s
skiff stop -p $profile
skiff -p $profile addons disable good
skiff start -p $profile
nothing_left_of good
