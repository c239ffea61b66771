# SPDX-License-Identifier: Apache-2.0
"""Committed text names no registry that skiff does not use, and no folder of somebody's machine."""
import re

import tree

FORBIDDEN = [
    (re.compile(r'(?<![\w./-])(?<!\+ ")/(?:work|home/(?!me/)\w+|Users/\w+)/\w'), "an absolute path of one machine"),
    (re.compile(r"\b(?:ghcr\.io|quay\.io|gcr\.io|registry\.k8s\.io|registry-1\.docker\.io|public\.ecr\.aws|pkg\.dev)\b"),
     "the host name of a registry: skiff pulls nothing"),
]
# This folder holds the rule itself.
EXEMPT = ("tests/lint/",)


def check(name, text):
    return [f"{name}:{number}: {why}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), 1)
            for pattern, why in FORBIDDEN
            if pattern.search(line)]


if __name__ == "__main__":
    tree.finish([problem for name in tree.files()
                 if not name.startswith(EXEMPT) and not name.endswith(".sum")
                 for problem in check(name, tree.text(name))])
