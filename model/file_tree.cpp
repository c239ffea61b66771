#include "model/file_tree.h"

#include <array>
#include <cstdio>
#include <cstring>
#include <set>

namespace skiff {

void FileTree::add(std::string path, std::string content, int mode) {
  files.push_back({std::move(path), std::move(content), mode});
}

namespace {

// One 512-byte ustar header (POSIX.1-1988). Names up to 100 bytes; longer ones are split into prefix and name.
void append_header(std::string& out, std::string name, std::size_t size, int mode, char type) {
  std::array<char, 512> block{};
  std::string prefix;
  if (name.size() > 100) {
    const auto slash = name.rfind('/', 154);
    prefix = name.substr(0, slash);
    name = name.substr(slash + 1);
  }
  const auto number = [&](std::size_t at, std::size_t width, unsigned long value) {
    std::snprintf(&block[at], width, "%0*lo", static_cast<int>(width) - 1, value);
  };
  std::memcpy(&block[0], name.data(), std::min<std::size_t>(name.size(), 100));
  number(100, 8, static_cast<unsigned long>(mode));
  number(108, 8, 0);
  number(116, 8, 0);
  number(124, 12, size);
  number(136, 12, 0);
  std::memset(&block[148], ' ', 8);
  block[156] = type;
  std::memcpy(&block[257], "ustar\00000", 8);
  std::memcpy(&block[265], "root", 4);
  std::memcpy(&block[297], "root", 4);
  std::memcpy(&block[345], prefix.data(), std::min<std::size_t>(prefix.size(), 155));
  unsigned long sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(&block[148], 8, "%06lo", sum);
  out.append(block.data(), block.size());
}

}  // namespace

std::string to_tar(const FileTree& tree) {
  std::string out;
  std::set<std::string> folders;
  for (const auto& file : tree.files) {
    const std::string name = file.path.substr(file.path.find_first_not_of('/'));
    for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      const std::string folder = name.substr(0, slash + 1);
      if (folders.insert(folder).second) append_header(out, folder, 0, 0755, '5');
    }
    append_header(out, name, file.content.size(), file.mode, '0');
    out += file.content;
    out.append((512 - file.content.size() % 512) % 512, '\0');
  }
  out.append(1024, '\0');
  return out;
}

}  // namespace skiff
