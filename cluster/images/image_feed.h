// SPDX-License-Identifier: Apache-2.0
// Images on their way into nodes: each node gets the blobs that it lacks, and then the names.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "cluster/images/image_layout.h"
#include "cluster/images/node_talks.h"
#include "sys/archive.h"

namespace skiff::cluster {

class Feed {
 public:
  struct Terms {
    std::string platform;     // "linux/amd64"
    bool everything = false;  // as if the nodes had nothing
    std::string step = {};    // whose progress is told,
    std::string text = {};    // with this before it
  };
  // Waits for what the nodes say that they have.
  static Result<Feed> open(const Context& ctx, NodeTalks& talks, Terms terms);

  const std::string& platform() const { return terms_.platform; }
  bool is_everywhere(const std::string& digest) const;
  std::optional<std::uint64_t> size_of(const std::string& digest) const;  // of a blob that a node has
  const std::vector<std::size_t>& told() const { return told_names_; }    // nodes to which finish() sent names
  bool left_out() const { return left_out_; }  // something was not sent because nodes said that they have it

  // Sends a file of `size` bytes to the nodes that lack it; to all when `digest` is empty: not known yet. Read to its
  // end unless all have it. What it was. image_invalid when there is less of it.
  Result<Blob> pass(const Context& ctx, const std::string& digest, std::uint64_t size, const sys::Pieces& content);
  // Names what has been passed. A node that has all of it under these names already is told nothing. image_invalid,
  // naming `source`, when a layer is absent.
  Result<void> finish(const Context& ctx, const Layout& layout, const std::string& source);

 private:
  Feed(NodeTalks& talks, Terms terms) : talks_(talks), terms_(std::move(terms)) {}
  std::vector<std::size_t> lacking(const std::string& digest) const;
  Result<void> send(const Context& ctx, const std::vector<std::size_t>& nodes, std::string bytes);
  void tell(const Context& ctx);

  NodeTalks& talks_;
  Terms terms_;
  std::vector<NodeBlobs> blobs_;
  std::vector<bool> begun_;
  std::vector<std::size_t> told_names_;
  bool left_out_ = false;
  int parts_ = 0;
  std::uint64_t bytes_ = 0;  // that were read
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point told_ = began_;
};

}  // namespace skiff::cluster
