# SPDX-License-Identifier: Apache-2.0
"""What is too large to be taken in at once: a file above 400 lines, a folder above 25 files of its own."""
import collections
import os

import tree

LINES, FILES = 400, 25
# Lists in which one looks up a name; ARCHITECTURE.md says which and why.
LISTS = {"cli/commands", "docs/adr", "drivers/docker", "drivers/libvirt", "tests/e2e"}
GENERATED = (".sum",)


def check(texts):
    """What is wrong with files, given as their texts by name."""
    problems = [f"{name}: {text.count(chr(10))} lines" for name, text in texts.items()
                if not name.endswith(GENERATED) and text.count("\n") > LINES]
    folders = collections.Counter(os.path.dirname(name) for name in texts)
    return problems + [f"{folder}/: {count} files" for folder, count in sorted(folders.items())
                       if count > FILES and folder not in LISTS]


if __name__ == "__main__":
    tree.finish(check({name: tree.text(name) for name in tree.files()}))
