// SPDX-License-Identifier: Apache-2.0
#include "images/tar_file.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/strings.h"
#include "model/tar.h"

namespace skiff::images {
namespace {

Error file_error(std::string_view doing, const std::string& path) {
  const int code = errno;
  return make_error(code == ENOSPC || code == EDQUOT ? ErrorId::disk_full : ErrorId::host_error,
                    "Cannot " + std::string(doing) + " " + path + ": " + std::strerror(code));
}

// A field of a header: its bytes up to the first zero.
std::string_view field(std::string_view header, std::size_t at, std::size_t width) {
  const auto bytes = header.substr(at, width);
  return bytes.substr(0, bytes.find('\0'));
}

}  // namespace

TarFile::TarFile(std::string path) : path_(std::move(path)), out_(path_, std::ios::binary | std::ios::trunc) {}

std::string TarFile::enter(std::string_view path) {
  const std::string name(path.substr(path.find_first_not_of('/')));
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const std::string folder = name.substr(0, slash + 1);
    if (folders_.insert(folder).second) out_ << tar_header({.path = folder, .kind = TarKind::folder, .mode = 0755});
  }
  return name;
}

void TarFile::add_file(std::string_view path, std::string_view content, int mode) {
  out_ << tar_header({.path = enter(path), .kind = TarKind::file, .mode = mode, .size = content.size()}) << content
       << tar_padding(content.size());
}

Result<void> TarFile::copy_file(std::string_view path, const std::string& source, int mode) {
  std::error_code error;
  const std::size_t size = std::filesystem::file_size(source, error);
  if (error) return make_error(ErrorId::host_error, "Cannot read " + source + ": " + error.message());
  out_ << tar_header({.path = enter(path), .kind = TarKind::file, .mode = mode, .size = size});
  TRY(pour(source, size));
  out_ << tar_padding(size);
  return {};
}

void TarFile::add_link(std::string_view path, std::string_view target) {
  out_ << tar_header({.path = enter(path), .kind = TarKind::link, .mode = 0777, .link_target = std::string(target)});
}

Result<void> TarFile::append_archive(const std::string& source) {
  std::ifstream in(source, std::ios::binary);
  std::array<char, 512> header;
  std::size_t end = 0;
  while (in.read(header.data(), header.size()) && header[0] != '\0') {
    const std::string_view bytes(header.data(), header.size());
    std::string_view name = field(bytes, 0, 100);
    if (name.starts_with("./")) name.remove_prefix(2);
    if (header[156] == static_cast<char>(TarKind::folder)) folders_.emplace(name);
    std::size_t size = 0;
    const std::string_view octal = trim(field(bytes, 124, 12));
    std::from_chars(octal.data(), octal.data() + octal.size(), size, 8);
    end += header.size() + size + tar_padding(size).size();
    in.seekg(static_cast<std::streamoff>(end));
  }
  if (!in) return file_error("read", source);
  return pour(source, end);
}

Result<void> TarFile::pour(const std::string& source, std::size_t size) {
  std::ifstream in(source, std::ios::binary);
  std::vector<char> buffer(1 << 20);
  for (std::size_t left = size; left > 0;) {
    const std::size_t piece = std::min(left, buffer.size());
    if (!in.read(buffer.data(), static_cast<std::streamsize>(piece))) return file_error("read", source);
    if (!out_.write(buffer.data(), static_cast<std::streamsize>(piece))) return file_error("write", path_);
    left -= piece;
  }
  return {};
}

Result<void> TarFile::close() {
  out_ << tar_end();
  out_.close();
  if (!out_) return file_error("write", path_);
  return {};
}

}  // namespace skiff::images
