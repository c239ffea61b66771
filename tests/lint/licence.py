# SPDX-License-Identifier: Apache-2.0
"""What is a program, or a part of one, names its licence in its first two lines."""
import tree

LINE = "SPDX-License-Identifier: Apache-2.0"
PROGRAMS = (".bash", ".c", ".cmake", ".cpp", ".def", ".fish", ".go", ".h", ".py", ".sh", ".zsh", "CMakeLists.txt")


def check(name, text):
    if not name.endswith(PROGRAMS) and not text.startswith("#!"):
        return []
    return [] if any(LINE in line for line in text.splitlines()[:2]) else [f"{name}:1: without '{LINE}'"]


if __name__ == "__main__":
    tree.finish([problem for name in tree.files() for problem in check(name, tree.text(name))])
