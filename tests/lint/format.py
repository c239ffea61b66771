# SPDX-License-Identifier: Apache-2.0
"""All C++ files are as clang-format 19 lays them out. Its program is the argument; `format.py PROGRAM --fix` changes them."""
import subprocess
import sys

import tree

if __name__ == "__main__":
    program = sys.argv[1] if len(sys.argv) > 1 else ""
    if not program or program.endswith("NOTFOUND"):
        tree.finish(["clang-format-19 is not installed: apt-get install clang-format-19"])
    mode = ["-i"] if "--fix" in sys.argv else ["--dry-run", "-Werror"]
    sys.exit(subprocess.run([program, *mode, *tree.sources()], cwd=tree.ROOT).returncode)
