# SPDX-License-Identifier: Apache-2.0
"""Every relative link of a document leads to a file that is there, and to a heading of it where it names one."""
import os
import re

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")


def anchors(text):
    """What GitHub calls the headings of a document."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check(name, text, read):
    """What is wrong in one document; `read` gives the text of a path, None where there is nothing."""
    problems = []
    for target in LINK.findall(CODE.sub("", FENCE.sub("", text))):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(name), path)) if path else name
        content = read(path)
        if content is None:
            problems.append(f"{name}: {target} leads nowhere")
        elif anchor and anchor not in anchors(content):
            problems.append(f"{name}: {path} has no heading for #{anchor}")
    return problems


def content(path):
    place = tree.ROOT / path
    return tree.text(path) if place.is_file() else "" if place.is_dir() else None


if __name__ == "__main__":
    tree.finish([problem for name in tree.files() if name.endswith(".md")
                 for problem in check(name, tree.text(name), content)])
