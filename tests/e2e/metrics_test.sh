# SPDX-License-Identifier: Apache-2.0
# metrics-server: what nodes and pods use, for kubectl top.
source "$(dirname "$0")/lib.sh"
use_profile e2e-metrics

tops_pods() { [ -n "$(kubectl top pods -n kube-system --no-headers)" ]; }

step "kubectl top works once the addon is enabled"
skiff start -n 2 -p $profile
skiff -p $profile addons enable metrics-server
eventually 60 tops_pods
expect_eq "$(kubectl top nodes --no-headers | wc -l)" 2 "nodes"

step "disable leaves no API behind"
skiff -p $profile addons disable metrics-server
expect_eq "$(kubectl get apiservices -o name | grep metrics || true)" "" "metrics APIs"
expect_error USAGE 14 skiff -p $profile addons configure metrics-server --set resolutoin=1s
