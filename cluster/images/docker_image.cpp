// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/docker_image.h"

#include <algorithm>

#include "cluster/images/image_stream.h"
#include "cluster/store/temporary.h"
#include "drivers/docker/push_layers.h"
#include "drivers/docker/save_image.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

constexpr std::size_t piece_size = 1 << 20;

struct TemporaryFolder {
  explicit TemporaryFolder(std::string made) : path(std::move(made)) {}
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { (void)sys::remove_tree(path); }
  std::string path;
};

Result<void> pass_file(const Context& ctx, const std::string& digest, const drivers::docker::LayerFile& file,
                       Feed& feed) {
  TRY(feed.pass(ctx, digest, file.size, TRY(sys::pieces_of(file.path))));
  return {};
}

// A push has to compress what it sends, a save has to write all of the image: about five times as fast, byte by byte.
bool push_is_faster(const Json& about, const Feed& feed, const std::vector<std::string>& layers) {
  std::uint64_t known = 0;
  for (const auto& layer : layers) known += feed.size_of(layer).value_or(0);
  const auto all = static_cast<std::uint64_t>(int_at(about, "Size"));
  return known < all ? (all - known) * 5 < all : known > 0;
}

Result<void> pass_pushed(const Context& ctx, const std::string& id, const std::set<std::string>& missing, Feed& feed) {
  const TemporaryFolder folder(TRY(temporary_path("layers")));
  TRY(sys::make_folders(folder.path));
  const auto files = TRY(drivers::docker::take_layers(ctx, id, missing, folder.path));
  for (const auto& digest : missing) TRY(pass_file(ctx, digest, files.at(digest), feed));
  return {};
}

// The layers in an archive of Docker's, but for one file of each of these sizes whose name does not tell its digest.
Result<void> pass_layers(const Context& ctx, const std::string& id, std::multiset<std::uint64_t> sizes, Feed& feed) {
  const auto save = [&](const Context& c, const Sink& sink) { return drivers::docker::save_image(c, {id}, sink); };
  const auto pass = [&](const Context& c, sys::EntryReader& reader) -> Result<void> {
    ArchiveContents contents;
    while (const auto entry = TRY(reader.next())) {
      auto beginning = TRY(note_entry(reader, *entry, contents));
      if (!beginning || entry->size == 0 || entry->size % 512 != 0) continue;  // a layer is an archive
      const std::string digest = digest_in_path(entry->path);
      if (const auto known = sizes.find(entry->size); digest.empty() && known != sizes.end()) {
        sizes.erase(known);
        continue;
      }
      TRY(feed.pass(c, digest, entry->size, [&]() -> Result<std::string> {
        if (!beginning->empty()) return std::exchange(*beginning, {});
        return reader.read(piece_size);
      }));
    }
    return {};
  };
  return read_written(ctx, "Docker's archive", save, pass);
}

// Older engines give files names that do not tell the digest: by its size such a file is taken for a layer that the
// nodes have. A missing layer of that size is then left out, and all are sent.
Result<void> pass_saved(const Context& ctx, const std::string& id, const std::vector<std::string>& layers, Feed& feed) {
  const auto is_there = [&](const std::string& layer) { return feed.is_everywhere(layer); };
  std::multiset<std::uint64_t> sizes;
  for (const auto& layer : layers) {
    if (is_there(layer)) sizes.insert(feed.size_of(layer).value_or(0));
  }
  TRY(pass_layers(ctx, id, std::move(sizes), feed));
  if (std::ranges::all_of(layers, is_there)) return {};
  return pass_layers(ctx, id, {}, feed);
}

Result<void> pass_missing(const Context& ctx, const ImageSource& source, const std::vector<std::string>& layers,
                          const std::set<std::string>& missing, Feed& feed) {
  if (push_is_faster(source.about, feed, layers)) {
    auto done = pass_pushed(ctx, source.id, missing, feed);
    TRY(ctx.check());
    if (done.ok()) return done;
    sys::log::info("Docker saves the image whole: " + done.error().what);
  }
  return pass_saved(ctx, source.id, layers, feed);
}

Result<Layout> pass_blobs(const Context& ctx, const ImageSource& source, Feed& feed,
                          const std::optional<std::string>& name) {
  const auto names = name ? std::vector{source.word} : source.names;
  std::optional<Layout> layout;
  TRY(read_written(
      ctx, source.word, [&](const Context& c, const Sink& sink) { return drivers::docker::save_image(c, names, sink); },
      [&](const Context& c, sys::EntryReader& reader) -> Result<void> {
        layout = TRY(pass_images(c, reader, feed, source.word, name));
        return {};
      }));
  return std::move(layout).value_or(Layout());
}

// A Docker that keeps images in containerd says which manifest the image has. A node that has it has what it names: a
// manifest comes last, and is kept together with it.
Result<std::optional<Layout>> pass_known(const Context& ctx, const ImageSource& source, Feed& feed) {
  const Json* manifest = find(source.about, "Descriptor");
  const std::string type = manifest == nullptr ? "" : text_at(*manifest, "mediaType");
  const std::string digest = manifest == nullptr ? "" : text_at(*manifest, "digest");
  const bool of_one_platform = type.ends_with(".manifest.v1+json") || type.ends_with(".manifest.v2+json");
  if (!of_one_platform || digest.empty() || !feed.is_everywhere(digest)) return std::optional<Layout>();
  TRY(feed.pass(ctx, digest, 0, {}));  // left out
  return std::optional(layout_of_known(source.names, *manifest, feed.platform()));
}

}  // namespace

Result<Layout> pass_docker(const Context& ctx, const ImageSource& source, Feed& feed,
                           const std::optional<std::string>& name) {
  if (auto known = TRY(pass_known(ctx, source, feed))) return *std::move(known);
  std::vector<std::string> layers;
  for (const auto& layer : array_at(source.about, "RootFS.Layers")) layers.push_back(text_at(layer, ""));
  std::set<std::string> missing;
  for (const auto& layer : layers) {
    if (!feed.is_everywhere(layer)) missing.insert(layer);
  }
  if (!missing.empty()) {
    if (!TRY(drivers::docker::keeps_layers(ctx))) return pass_blobs(ctx, source, feed, name);
    TRY(pass_missing(ctx, source, layers, missing, feed));
  }
  std::vector<Blob> blobs;
  for (const auto& layer : layers) {
    const auto size = feed.size_of(layer);
    if (!size) return make_error(ErrorId::image_invalid, "Docker's archive of " + source.word + " lacks " + layer);
    blobs.push_back({layer, *size, ""});
  }
  return layout_of(source.names, configuration_of(source.about), blobs, feed.platform());
}

}  // namespace skiff::cluster
