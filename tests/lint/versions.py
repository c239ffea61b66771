# SPDX-License-Identifier: Apache-2.0
"""model/versions.h names the versions that the recipes of the images build."""
import re

import tree

MODULES = {
    "kubernetes": ("images/node/modules/kube/go.mod", "k8s.io/kubernetes"),
    "etcd": ("images/node/modules/kube/go.mod", "go.etcd.io/etcd/server/v3"),
    "containerd": ("images/node/modules/containerd/go.mod", "github.com/containerd/containerd/v2"),
    "runc": ("images/node/modules/runc/go.mod", "github.com/opencontainers/runc"),
    "crictl": ("images/node/modules/cri-tools/go.mod", "sigs.k8s.io/cri-tools"),
    "coredns": ("images/coredns/go.mod", "github.com/coredns/coredns"),
}

if __name__ == "__main__":
    problems = []
    header = tree.text("model/versions.h")
    for name, (path, module) in MODULES.items():
        named = re.search(rf'string_view {name} = "([^"]+)"', header)
        required = re.search(rf"^(?:require)?\s*{re.escape(module)} (\S+)", tree.text(path), re.MULTILINE)
        if not named or not required or named.group(1) != required.group(1):
            problems.append(f"model/versions.h:1: {name} is {named and named.group(1)}, but {path} requires "
                            f"{required and required.group(1)}")
    tree.finish(problems)
