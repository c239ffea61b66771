# SPDX-License-Identifier: Apache-2.0
"""The files of this repository, for the rules beside this file."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["base", "sys", "model", "drivers", "kube", "images", "addons", "net", "cluster", "cli"]


def files():
    """Paths relative to ROOT of all that is committed or about to be."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
                            capture_output=True)
    if listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
    else:  # not a clone: an unpacked archive
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if "build" not in p.relative_to(ROOT).parts]
    return sorted(name for name in names if name and (ROOT / name).is_file())


def sources():
    """All C++ files."""
    return [name for name in files() if name.endswith((".h", ".cpp"))]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def finish(problems):
    """Prints what is wrong and ends the script: exit code 1 when there is anything."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
