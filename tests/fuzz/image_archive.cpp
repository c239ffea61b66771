#include "cluster/images/image_archive.h"

#include "memory_file.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

std::optional<std::string> streamed(const std::string& path, const cluster::ImageChoice& choice) {
  auto stream = cluster::ImageStream::open(path, choice);
  std::string all;
  while (stream.ok()) {
    auto piece = stream->next();
    if (!piece.ok()) break;
    if (piece->empty()) return all;
    all += *piece;
  }
  return std::nullopt;
}

// What would go into nodes is an archive again, of the same images under the same names.
void must_stay(const std::string& path, const std::optional<std::string>& name) {
  const auto contents = cluster::read_contents(path);
  if (!contents.ok()) return must_hold(!contents.error().what.empty(), "an error says something");
  const auto choice = cluster::choose_images(*contents, "input", "amd64", name);
  if (!choice.ok()) return must_hold(!choice.error().what.empty(), "an error says something");
  must_hold(!choice->names.empty(), "what is loaded has a name");
  const auto written = streamed(path, *choice);
  if (!written) return;  // damaged behind its manifests
  const MemoryFile file(*written);
  const auto again = cluster::read_contents(file.path());
  must_hold(again.ok(), "what is written is an archive");
  const auto chosen = cluster::choose_images(*again, "again", "amd64", std::nullopt);
  must_hold(chosen.ok(), "what is written holds images");
  must_hold(chosen->names == choice->names, "the images keep their names");
}

}  // namespace

void image_archive(std::string_view input) {
  const MemoryFile file(input);
  must_stay(file.path(), std::nullopt);
  must_stay(file.path(), "given:1");
}

}  // namespace skiff::fuzz
