// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_feed.h"

#include <algorithm>

#include "model/tar.h"
#include "sys/hash.h"

namespace skiff::cluster {
namespace {

constexpr std::string_view layout_file = R"({"imageLayoutVersion":"1.0.0"})";

std::string tar_file(const std::string& path, std::string_view content) {
  return tar_header({.path = path, .size = content.size()}).append(content) + tar_padding(content.size());
}

std::string path_of(const std::string& digest) { return "blobs/sha256/" + digest.substr(digest.find(':') + 1); }

}  // namespace

Result<Feed> Feed::open(const Context& ctx, NodeTalks& talks, Terms terms) {
  Feed feed(talks, std::move(terms));
  for (std::size_t node = 0; node < talks.nodes(); ++node) {
    NodeBlobs blobs = TRY(talks.blobs(ctx, node));
    if (feed.terms_.everything) blobs.clear();
    feed.blobs_.push_back(std::move(blobs));
  }
  feed.begun_.resize(talks.nodes());
  return feed;
}

bool Feed::is_everywhere(const std::string& digest) const {
  return std::ranges::all_of(blobs_, [&](const NodeBlobs& blobs) { return blobs.contains(digest); });
}

std::optional<std::uint64_t> Feed::size_of(const std::string& digest) const {
  for (const auto& blobs : blobs_) {
    if (const auto found = blobs.find(digest); found != blobs.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<std::size_t> Feed::lacking(const std::string& digest) const {
  std::vector<std::size_t> nodes;
  for (std::size_t node = 0; node < blobs_.size(); ++node) {
    if (!blobs_[node].contains(digest)) nodes.push_back(node);
  }
  return nodes;
}

Result<void> Feed::send(const Context& ctx, const std::vector<std::size_t>& nodes, std::string bytes) {
  const Piece piece = make_piece(std::move(bytes));
  for (const auto node : nodes) {
    if (!begun_[node]) {
      TRY(talks_.begin_import(ctx, node, terms_.platform));
      TRY(talks_.send(ctx, node, make_piece(tar_file("oci-layout", layout_file))));
      begun_[node] = true;
    }
    if (!piece->empty()) TRY(talks_.send(ctx, node, piece));
  }
  return {};
}

void Feed::tell(const Context& ctx) {
  const auto now = std::chrono::steady_clock::now();
  if (terms_.step.empty() || now - told_ < std::chrono::milliseconds(100)) return;
  told_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(bytes_) / seconds / 1e6);
  ctx.events->progress(
      terms_.step, terms_.text + ": " + std::to_string(bytes_ / 1'000'000) + " MB, " + std::to_string(rate) + " MB/s");
}

Result<Blob> Feed::pass(const Context& ctx, const std::string& digest, std::uint64_t size, const sys::Pieces& content) {
  const auto nodes = lacking(digest);
  left_out_ = left_out_ || nodes.size() < blobs_.size();
  if (nodes.empty()) return Blob{digest, size_of(digest).value_or(size), ""};
  sys::Sha256 hash;
  Blob blob{"", size, ""};
  std::uint64_t seen = 0;
  const std::string path = digest.empty() ? "blobs/sha256/part-" + std::to_string(++parts_) : path_of(digest);
  TRY(send(ctx, nodes, tar_header({.path = path, .size = size})));
  for (auto piece = TRY(content()); !piece.empty(); piece = TRY(content())) {
    if (seen == 0) blob.packed = packing_of(piece);
    seen += piece.size();
    bytes_ += piece.size();
    hash.update(piece);
    TRY(send(ctx, nodes, std::move(piece)));
    tell(ctx);
  }
  if (seen != size) return make_error(ErrorId::image_invalid, "The archive ends amid a file of it");
  TRY(send(ctx, nodes, tar_padding(size)));
  blob.digest = "sha256:" + hash.hex();
  if (!digest.empty() && blob.digest != digest && nodes.size() < blobs_.size()) {  // what some have is another blob
    return make_error(ErrorId::node_command_failed, "A layer is not " + digest + ", which some nodes have");
  }
  for (const auto node : nodes) blobs_[node][blob.digest] = size;
  return blob;
}

Result<void> Feed::finish(const Context& ctx, const Layout& layout, const std::string& source) {
  for (const auto& layer : layout.layers) {
    if (!is_everywhere(layer)) return make_error(ErrorId::image_invalid, source + " lacks its layer " + layer);
  }
  for (const auto& [digest, text] : layout.texts) {
    const auto nodes = lacking(digest);
    if (!nodes.empty()) TRY(send(ctx, nodes, tar_file(path_of(digest), text)));
  }
  std::vector<std::size_t> quiet;
  for (std::size_t node = 0; node < begun_.size(); ++node) {
    if (!begun_[node]) quiet.push_back(node);
  }
  const auto known = TRY(talks_.names(ctx, quiet, layout.names));
  for (std::size_t node = 0; node < begun_.size(); ++node) {
    if (begun_[node] || known[node] != layout.targets) told_names_.push_back(node);
  }
  return send(ctx, told_names_, tar_file("index.json", layout.index()) + tar_end());
}

}  // namespace skiff::cluster
