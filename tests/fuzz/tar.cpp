// SPDX-License-Identifier: Apache-2.0
#include "model/tar.h"

#include "images/tar_file.h"
#include "memory_file.h"
#include "sys/archive.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

// "name\ntarget\ncontent": one file and one link, in the form in which skiff writes them.
struct Words {
  std::string name;
  std::string target;
  std::string content;
};

Words words_of(std::string_view input) {
  const auto first = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(input.size(), first.size() + 1));
  const auto second = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(input.size(), second.size() + 1));
  return {std::string(first), std::string(second), std::string(input)};
}

bool is_name(const std::string& text) {
  return !text.empty() && !text.starts_with('/') && !text.starts_with("./") && !text.ends_with('/') &&
         text.find('\0') == std::string::npos;
}

// What is written is read back as it was, however long its names are.
void must_come_back(const Words& words) {
  const MemoryFile file(tar_header({.path = words.name, .size = words.content.size()}) + words.content +
                        tar_padding(words.content.size()) +
                        tar_header({.path = "link", .kind = TarKind::link, .mode = 0777, .link_target = words.target}) +
                        tar_end());
  auto reader = sys::ArchiveReader::open(file.path());
  must_hold(reader.ok(), "what is written is an archive");
  const auto first = reader->next();
  must_hold(first.ok() && *first, "the file is there");
  must_hold((*first)->path == words.name, "by its name");
  must_hold((*first)->kind == sys::ArchiveEntry::Kind::file, "as a file");
  must_hold((*first)->size == words.content.size(), "of its size");
  std::string content;
  for (;;) {
    const auto piece = reader->read(4096);
    must_hold(piece.ok(), "and can be read");
    if (piece->empty()) break;
    content += *piece;
  }
  must_hold(content == words.content, "with what is in it");
  const auto second = reader->next();
  must_hold(second.ok() && *second, "the link is there");
  must_hold((*second)->kind == sys::ArchiveEntry::Kind::symlink, "as a link");
  must_hold((*second)->link_target == words.target, "that leads where it did");
  const auto end = reader->next();
  must_hold(end.ok() && !*end, "and that is all");
}

// An archive of somebody else is taken over whole, or refused.
void must_be_taken_over(std::string_view input) {
  const MemoryFile source(input);
  const MemoryFile into("");
  images::TarFile tar(into.path());
  const auto appended = tar.append_archive(source.path());
  if (!appended.ok()) return must_hold(!appended.error().what.empty(), "an error says something");
  must_hold(tar.close().ok(), "an archive can be closed");
}

}  // namespace

void tar(std::string_view input) {
  const Words words = words_of(input);
  if (is_name(words.name) && is_name(words.target)) must_come_back(words);
  must_be_taken_over(input);
}

}  // namespace skiff::fuzz
