# SPDX-License-Identifier: Apache-2.0
"""docs/errors.md lists exactly the errors of base/errors.def. `errors_doc.py --write` writes it anew."""
import re
import sys

import tree

ROW = re.compile(r'^SKIFF_ERROR\((\w+), "(\w+)", (\d+), "((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\)$')
HEAD = """# Errors and exit codes

Every failure is told once, on stderr: what happened, its causes, advice, and an id in brackets. Ids and exit codes are stable; search for an id here.
The decade of an exit code names the source of the trouble: 10 skiff itself, 20 resources, 30 the host, 40 the network, 50 a driver, 60 its provider,
70 images, 80 nodes, 90 addons, 100 Kubernetes, 110 services. Its last digit names the class: 0 error, 1 conflict, 2 time-out, 3 not found, 4 usage,
5 unsupported, 6 too little space, 7 permission, 8 bad configuration, 9 not running. 130 is Ctrl-C.

Three commands have codes of their own: `skiff status` (a sum of bits, see its help), `skiff ssh` and `skiff kubectl` (those of the command they run).

| id | exit code | meaning | advice |
|---|---|---|---|
"""


def expected(definitions):
    rows, problems = [], []
    for number, line in enumerate(definitions.splitlines(), 1):
        if not line.startswith("SKIFF_ERROR("):
            continue
        match = ROW.match(line)
        if not match:
            problems.append(f"base/errors.def:{number}: not of the form SKIFF_ERROR(id, \"NAME\", code, \"...\", \"...\")")
            continue
        _, name, code, meaning, advice = match.groups()
        advice = advice.replace('\\"', '"').replace("|", "\\|") or "(names the case)"
        rows.append((int(code), name, f"| {name} | {code} | {meaning} | {advice} |\n"))
    return HEAD + "".join(row for _, _, row in sorted(rows)), problems


if __name__ == "__main__":
    wanted, wrong = expected(tree.text("base/errors.def"))
    page = tree.ROOT / "docs/errors.md"
    if "--write" in sys.argv:
        page.write_text(wanted)
    elif not page.exists() or page.read_text() != wanted:
        wrong.append("docs/errors.md:1: differs from base/errors.def; run tests/lint/errors_doc.py --write")
    tree.finish(wrong)
