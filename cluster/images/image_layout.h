// SPDX-License-Identifier: Apache-2.0
// What is written into nodes: an image as a manifest, a configuration and layers, each known by its digest (OCI image
// specification 1.1). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "cluster/images/image_archive.h"

namespace skiff::cluster {

struct Blob {
  std::string digest;  // "sha256:..."
  std::uint64_t size = 0;
  std::string packed;  // "", "+gzip" or "+zstd", as media types end
};
// How a blob that begins so is packed.
std::string packing_of(std::string_view beginning);

struct Layout {
  std::vector<std::string> names;
  JsonArray manifests;                         // of index.json: one descriptor for each name
  std::map<std::string, std::string> targets;  // each name's digest
  std::map<std::string, std::string> texts;    // manifests and configurations, by digest
  std::set<std::string> layers;                // digests

  void add(Layout other);
  std::string index() const;
};

// An image made of parts; `platform` is "linux/amd64".
Layout layout_of(const std::vector<std::string>& names, const std::string& configuration,
                 const std::vector<Blob>& layers, const std::string& platform);

// An image of which nodes have all, by what an index says of its manifest ("mediaType", "digest", "size").
Layout layout_of_known(const std::vector<std::string>& names, const Json& manifest, const std::string& platform);

// The images that were chosen of an archive. `blobs`: what its files are, by path. image_invalid when one of them is
// not what its name says, or is absent.
Result<Layout> layout_of(const ImageChoice& choice, const ArchiveContents& contents,
                         const std::map<std::string, Blob>& blobs, const std::string& source,
                         const std::string& platform);

// The digests that files of the archive must have, by path: by their names, or, in what `docker save` writes, by the
// images' configurations.
std::map<std::string, std::string> expected_digests(const ArchiveContents& contents);
// "sha256:..." for "blobs/sha256/..."; empty for any other path.
std::string digest_in_path(std::string_view path);

// The configuration of an image as Docker's `inspect` tells it; equal answers give equal bytes.
std::string configuration_of(const Json& inspected);

}  // namespace skiff::cluster
