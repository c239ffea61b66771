# SPDX-License-Identifier: Apache-2.0
"""Nothing throws across a function (base/result.h): files are asked for by the overloads with an error code, and JSON that others
wrote is looked at before it is taken."""
import re

import tree

# Those of std::filesystem that throw unless they are given an error code.
CALLS = ("absolute canonical copy copy_file copy_symlink create_directories create_directory create_hard_link create_symlink "
         "current_path directory_iterator equivalent exists file_size hard_link_count is_block_file is_character_file is_directory "
         "is_empty is_fifo is_other is_regular_file is_socket is_symlink last_write_time permissions proximate read_symlink "
         "recursive_directory_iterator relative remove remove_all rename resize_file space status symlink_status "
         "temp_directory_path weakly_canonical").split()
CALL = re.compile(r"(?<![\w:])(?:fs|std::filesystem)::(" + "|".join(CALLS) + r")(?:\s+\w+)?\(")
CODE = re.compile(r"\berror_code\s*&?\s+(\w+)")
RANGE = re.compile(r"for \([^;()]*:\s*(?:fs|std::filesystem)::(?:recursive_)?directory_iterator\b")

KINDS = "object|array|string|int64|uint64|double|bool"
AS = re.compile(rf"[.>](as_(?:{KINDS}))\(\)")
GET = re.compile(rf"(\w+)(?:\(\))?(?:\.|->|\[\w+\]\.)get_({KINDS})\(\)")
NUMBER = re.compile(r"\bto_number<[\w ]+>\(\)|\bstd::sto(?:i|l|ll|ul|ull|f|d|ld)\(")
LOOK_BACK = 12  # lines in which the question must stand


def arguments(text, start):
    """The arguments of a call whose opening bracket is before `start`, as texts."""
    depth, found, current = 0, [], ""
    for char in text[start:]:
        if char in ")]}" and depth == 0:
            return found + [current.strip()]
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            found.append(current.strip())
            current = ""
        else:
            current += char
    return found


def check(name, text):
    """What is wrong in one file."""
    problems = []
    lines = text.splitlines()

    def wrong(position, why):
        problems.append(f"{name}:{text.count(chr(10), 0, position) + 1}: {why}")

    codes = set(CODE.findall(text))
    ranges = [match.end() for match in RANGE.finditer(text)]
    for match in CALL.finditer(text):
        in_range = any(match.start() < end <= match.end() for end in ranges)
        if in_range:
            wrong(match.start(), "a range over a directory throws amid it: use increment(error)")
        elif codes.isdisjoint(arguments(text, match.end())):
            wrong(match.start(), f"{match.group(1)}() throws: give it an std::error_code")
    for number, line in enumerate(lines):
        where = f"{name}:{number + 1}: "
        for match in AS.finditer(line):
            problems.append(where + f"{match.group(1)}() throws: use if_... or is_...")
        for match in GET.finditer(line):
            before = "\n".join(lines[max(0, number - LOOK_BACK):number] + [line])
            if not re.search(rf"\b{match.group(1)}\b\S*?is_{match.group(2)}\(\)", before):
                problems.append(where + f"nothing asks is_{match.group(2)}() of '{match.group(1)}' before it is taken for one")
        for match in NUMBER.finditer(line):
            problems.append(where + f"{match.group(0)[:-1]} throws: use an error code, or std::from_chars")
    return problems


if __name__ == "__main__":
    tree.finish([problem for name in tree.sources() if name.split("/")[0] in tree.LAYERS
                 for problem in check(name, tree.text(name))])
