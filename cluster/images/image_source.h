// SPDX-License-Identifier: Apache-2.0
// Where a container image comes from that this user already has.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/images/image_feed.h"

namespace skiff::cluster {

struct ImageSource {
  enum class Kind { docker, archive, pipe, folder };
  Kind kind = Kind::docker;
  std::string word;                     // as the user said it
  std::string id = {};                  // of an image in Docker,
  std::vector<std::string> names = {};  // its full names there that are meant,
  Json about = nullptr;                 // and what Docker tells of it

  bool can_be_read_again() const { return kind != Kind::pipe; }
};

// `word` is an archive by its path, "-" for standard input, the folder of an OCI image layout, or else an image in the
// user's Docker, by its name or id. Any other folder is never meant: the image of that name is. image_not_found when it
// is none of them, with what Docker said; image_invalid for an image of Docker's that has no name, unless it is to get
// one (`name`); image_unsupported for one of another platform.
Result<ImageSource> find_image(const Context& ctx, const std::string& word, const std::string& platform,
                               const std::optional<std::string>& name = {});

// Passes on what nodes lack of it. Blocks while it is read, once. Errors: those of pass_images(), of Docker, disk_full.
Result<Layout> pass_source(const Context& ctx, const ImageSource& source, Feed& feed,
                           const std::optional<std::string>& name);

}  // namespace skiff::cluster
