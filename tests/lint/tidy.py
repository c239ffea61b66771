"""clang-tidy finds nothing in the product's sources: tidy.py PROGRAM BUILD [FILE...].

All of them take some 20 minutes on two cores: what changed last comes first, and $TIDY_SECONDS bounds the time.

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
import time

import tree

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


def newest_first(names):
    """By the last commit that touched a file; what no commit knows comes first."""
    log = subprocess.run(["git", "-C", str(tree.ROOT), "log", "--format=", "--name-only"], capture_output=True, text=True)
    age = {}
    for name in log.stdout.splitlines():
        age.setdefault(name, len(age))
    return sorted(names, key=lambda name: age.get(name, -1))


def run(program, build, names):
    end = time.monotonic() + float(os.environ.get("TIDY_SECONDS", "inf"))
    left = []
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "skiff-tidy"
    cache.mkdir(parents=True, exist_ok=True)
    commands = {os.path.relpath(entry["file"], tree.ROOT): entry["command"]
                for entry in json.loads((build / "compile_commands.json").read_text())}

    def look(name):
        stamp = cache / fingerprint(name, commands[name], version)
        if stamp.exists():
            return ""
        if time.monotonic() > end:
            left.append(name)
            return ""
        found = subprocess.run([program, "-p", str(build), "--quiet", str(tree.ROOT / name)], capture_output=True, text=True)
        if found.returncode == 0:
            stamp.touch()
            return ""
        return found.stdout + found.stderr

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [text for text in pool.map(look, names) if text]
    if left:
        print(f"{len(left)} files were not looked at: the time was over")
    return problems


if __name__ == "__main__":
    clang_tidy, build_folder, chosen = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    if clang_tidy.endswith("NOTFOUND"):
        tree.finish(["clang-tidy-19 is not installed: apt-get install clang-tidy-19"])
    sources = [name for name in tree.sources() if name.endswith(".cpp") and name.split("/")[0] in tree.LAYERS]
    tree.finish(run(clang_tidy, build_folder.resolve(), newest_first(chosen or sources)))
