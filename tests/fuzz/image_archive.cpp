// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_layout.h"
#include "memory_file.h"
#include "sys/hash.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

// The archive's files as blobs, read to their ends; nothing when it is damaged.
std::optional<std::map<std::string, cluster::Blob>> blobs_of(const std::string& path) {
  auto reader = sys::ArchiveReader::open(path);
  if (!reader.ok()) return std::nullopt;
  std::map<std::string, cluster::Blob> blobs;
  for (;;) {
    const auto entry = reader->next();
    if (!entry.ok()) return std::nullopt;
    if (!*entry) return blobs;
    sys::Sha256 hash;
    auto piece = reader->read(4096);
    for (; piece.ok() && !piece->empty(); piece = reader->read(4096)) hash.update(*piece);
    if (!piece.ok()) return std::nullopt;
    blobs[(*entry)->path] = {"sha256:" + hash.hex(), (*entry)->size, ""};
  }
}

// What goes into nodes has the names that were chosen, and the manifest that each of them stands for.
void must_stay(const std::string& path, const std::optional<std::string>& name) {
  auto reader = sys::ArchiveReader::open(path);
  if (!reader.ok()) return must_hold(!reader.error().what.empty(), "an error says something");
  const auto contents = cluster::read_contents(*reader);
  if (!contents.ok()) return must_hold(!contents.error().what.empty(), "an error says something");
  const auto choice = cluster::choose_images(*contents, "input", "linux/amd64", name);
  if (!choice.ok()) return must_hold(!choice.error().what.empty(), "an error says something");
  must_hold(!choice->names.empty(), "what is loaded has a name");
  const auto blobs = blobs_of(path);
  if (!blobs) return;
  const auto layout = cluster::layout_of(*choice, *contents, *blobs, "input", "linux/amd64");
  if (!layout.ok()) return must_hold(layout.error().id == ErrorId::image_invalid, "it is damaged");
  for (const auto& target : layout->targets) must_hold(layout->texts.contains(target.second), "a name has a manifest");
  for (const auto& text : layout->texts) must_hold(text.first == "sha256:" + sys::sha256_hex(text.second), "a digest");
  must_hold(parse_json(layout->index()).ok(), "the index is JSON");
}

}  // namespace

void image_archive(std::string_view input) {
  const MemoryFile file(input);
  must_stay(file.path(), std::nullopt);
  must_stay(file.path(), "given:1");
}

}  // namespace skiff::fuzz
