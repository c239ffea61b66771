// SPDX-License-Identifier: Apache-2.0
#include "images/cpio.h"

#include <charconv>
#include <optional>

#include "targets.h"

namespace skiff::fuzz {
namespace {

struct Entry {
  std::string name;
  std::string content;
  unsigned mode = 0;
};

// As the kernel reads it (init/initramfs.c): a header of 13 numbers, the name and the content, both up to a word's end.
std::optional<Entry> taken(std::string_view& archive) {
  constexpr std::size_t header = 110;
  if (!archive.starts_with("070701") || archive.size() < header) return std::nullopt;
  const auto number = [&](std::size_t index) {
    const auto digits = archive.substr(6 + 8 * index, 8);
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    must_hold(error == std::errc() && end == digits.data() + digits.size(), "a number has eight digits");
    return value;
  };
  const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
  const std::size_t name = number(11);
  const std::size_t size = number(6);
  const std::size_t content = padded(header + name);
  if (name == 0 || archive.size() < content + padded(size)) return std::nullopt;
  Entry entry{std::string(archive.substr(header, name - 1)), std::string(archive.substr(content, size)),
              static_cast<unsigned>(number(1))};
  archive.remove_prefix(content + padded(size));
  return entry;
}

}  // namespace

// Names of all lengths and contents of any kind, one entry after another, come out as they went in.
void cpio(std::string_view input) {
  std::vector<Entry> entries;
  std::string written;
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    const auto space = std::min(line.size(), line.find(' '));
    entries.push_back({std::string(line.substr(0, space)), std::string(line.substr(space)), 0100644});
    written += images::cpio_entry(entries.back().name, entries.back().content, entries.back().mode);
  }
  written += images::cpio_end();

  std::string_view archive = written;
  for (const auto& entry : entries) {
    const auto read = taken(archive);
    must_hold(read && read->name == entry.name, "an entry keeps its name");
    must_hold(read->content == entry.content && read->mode == entry.mode, "its content and its mode");
  }
  const auto end = taken(archive);
  must_hold(end && end->name == "TRAILER!!!" && archive.empty(), "the end is at the end");
}

}  // namespace skiff::fuzz
