# SPDX-License-Identifier: Apache-2.0
"""No two headers define types of one name in one namespace: a linker takes either, and nobody sees it."""
import re

import tree

NAMESPACE = re.compile(r"^namespace ([\w:]+) \{")
TYPE = re.compile(r"^(?:struct|class|enum class|enum|union) (?:\[\[\w+\]\] )?(\w+)(?:\s+final)?(?:\s*:[^;]*)?\s*\{")


def types_in(text):
    """The types that a header defines at the top level of its namespaces: (line, "skiff::net::Route")."""
    found, namespace = [], ""
    for number, line in enumerate(text.splitlines(), 1):
        if opened := NAMESPACE.match(line):
            namespace = opened.group(1)
        elif defined := TYPE.match(line):
            found.append((number, f"{namespace}::{defined.group(1)}"))
    return found


def check(headers):
    """What is wrong in headers: [(name, text)]."""
    problems, first = [], {}
    for name, text in headers:
        for number, defined in types_in(text):
            if defined in first:
                problems.append(f"{name}:{number}: {defined} is defined in {first[defined]} too")
            first.setdefault(defined, f"{name}:{number}")
    return problems


if __name__ == "__main__":
    names = [name for name in tree.sources() if name.endswith(".h") and name.split("/")[0] in tree.LAYERS]
    tree.finish(check([(name, tree.text(name)) for name in sorted(names)]))
