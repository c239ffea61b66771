# SPDX-License-Identifier: Apache-2.0
"""clang-tidy finds nothing in the product's sources: tidy.py PROGRAM BUILD [FILE...].

A file that passed is not looked at again until it, a header of ours that it includes, the checks or the compiler's command
change: what has passed is noted outside the tree, as ccache does ($XDG_CACHE_HOME/skiff-tidy)."""
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import tree

# The commands are those of another compiler: its warnings, and its precompiled headers.
UNKNOWN_TO_CLANG = ["--extra-arg=-Wno-unknown-warning-option", "--extra-arg=-Wno-ignored-gch"]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


@functools.cache
def included(name):
    """The headers of ours that a file includes itself."""
    beside = os.path.dirname(name)
    candidates = [c for found in INCLUDE.findall(tree.text(name)) for c in (found, os.path.join(beside, found))]
    return [c for c in candidates if (tree.ROOT / c).is_file()]


def closure(name):
    """A file and all headers of ours that it depends on, sorted."""
    seen, todo = set(), [name]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(included(name))
    return sorted(seen)


def fingerprint(name, command, version):
    digest = hashlib.sha256()
    for part in [version, command.replace(str(tree.ROOT), ""), tree.text(".clang-tidy")]:
        digest.update(part.encode() + b"\0")
    for path in closure(name):
        digest.update(path.encode() + b"\0" + tree.text(path).encode() + b"\0")
    return digest.hexdigest()


def run(program, build, names):
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "skiff-tidy"
    cache.mkdir(parents=True, exist_ok=True)
    commands = {os.path.relpath(entry["file"], tree.ROOT): entry["command"]
                for entry in json.loads((build / "compile_commands.json").read_text())}

    def look(name):
        stamp = cache / fingerprint(name, commands[name], version)
        if stamp.exists():
            return ""
        found = subprocess.run([program, "-p", str(build), "--quiet", *UNKNOWN_TO_CLANG, str(tree.ROOT / name)],
                               capture_output=True, text=True)
        if found.returncode == 0:
            stamp.touch()
            return ""
        return found.stdout + found.stderr

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [text for text in pool.map(look, names) if text]


if __name__ == "__main__":
    clang_tidy, build_folder, chosen = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    if clang_tidy.endswith("NOTFOUND"):
        tree.finish(["clang-tidy-19 is not installed: apt-get install clang-tidy-19"])
    sources = [name for name in tree.sources() if name.endswith(".cpp") and name.split("/")[0] in tree.LAYERS]
    tree.finish(run(clang_tidy, build_folder.resolve(), chosen or sources))
