# SPDX-License-Identifier: Apache-2.0
"""A folder includes only what stands below it, and heavy headers stay out of headers."""
import re

import tree

# What each layer may include, beside itself.
MAY_INCLUDE = {
    "base": set(),
    "sys": {"base"},
    "model": {"base"},
    "drivers": {"model", "sys", "base"},
    "kube": {"model", "sys", "base"},
    "images": {"model", "sys", "base"},
    "addons": {"model", "sys", "base"},
    "net": {"model", "sys", "base"},
    "cluster": {"drivers", "kube", "images", "addons", "net", "model", "sys", "base"},
    "cli": {"cluster", "drivers", "kube", "images", "addons", "net", "model", "sys", "base"},
}
# The rooms of a layer, and which others of it each may include, beside what lies at the layer's top.
ROOMS = {
    "sys": {"net": set()},
    "net": {"hosts": set(), "forward": set(), "agent": set(), "helper": {"hosts"}},
    "cluster": {"store": set(), "request": set(), "nodes": {"store"}, "network": {"store", "nodes"}, "images": {"store", "nodes"}, "addons": {"store", "nodes", "images"},
                "reach": {"store", "nodes"}, "start": {"store", "request", "nodes", "network", "images", "addons", "reach"}},
}
# Seconds to compile each: none of them in a header.
HEAVY = ("boost/asio", "boost/beast", "boost/process", "CLI/", "spdlog/", "yaml-cpp/", "openssl/", "sys/net/openssl.h")
# Libraries that one place wraps for all.
ONLY_IN = {"CLI/": re.compile(r"cli/line/flags[^/]*\.cpp"), "spdlog/": re.compile(r"sys/log\.cpp"),
           "yaml-cpp/": re.compile(r"base/yaml\.cpp"), "archive.h": re.compile(r"sys/(archive|pack)\.cpp"), "boost/process": re.compile(r"sys/process\.cpp")}

INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')


def room_of(path):
    """The sub-folder of the layer that a path lies in; empty for one at its top."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def check(name, text):
    """What is wrong in one file."""
    problems = []
    layer = name.split("/")[0]
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        included = match.group(1)
        target = included.split("/")[0]
        where = f"{name}:{number}: "
        if layer in MAY_INCLUDE and target in MAY_INCLUDE and target not in MAY_INCLUDE[layer] | {layer}:
            problems.append(where + f"{layer}/ must not include {included}")
        rooms, from_room, to_room = ROOMS.get(layer, {}), room_of(name), room_of(included)
        if target == layer and from_room in rooms and to_room in rooms and to_room not in rooms[from_room] | {from_room}:
            problems.append(where + f"{layer}/{from_room}/ must not include {included}")
        if name.endswith(".h") and name not in HEAVY and included.startswith(HEAVY):
            problems.append(where + f"{included} is too heavy for a header")
        for library, place in ONLY_IN.items():
            if layer in MAY_INCLUDE and included.startswith(library) and not place.fullmatch(name):
                problems.append(where + f"{included} belongs into {place.pattern}")
    return problems


if __name__ == "__main__":
    tree.finish([problem for name in tree.sources() for problem in check(name, tree.text(name))])
