# SPDX-License-Identifier: Apache-2.0
# The newcomer's tutorial, word for word with skiff in minikube's place.
source "$(dirname "$0")/lib.sh"
source "$here/tutorial.sh"

step "everything comes back with the cluster"
skiff stop -p minikube-lab
skiff start --nodes 3 -p minikube-lab
start_tunnel
eventually 20 answers helloworld.test 200
expect_eq "$(status helloworld.test/crash)" 503 "status of /crash"
end_tunnel
skiff delete -p minikube-lab
expect_nothing_left minikube-lab
