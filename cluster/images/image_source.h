// A container image that this user already has, as an archive file.
#pragma once

#include <optional>
#include <string>

#include "base/context.h"

namespace skiff::cluster {

// An archive on disk; one that was made for the purpose is removed on destruction.
class LocalArchive {
 public:
  LocalArchive(std::string path, bool temporary) : path_(std::move(path)), temporary_(temporary) {}
  LocalArchive(LocalArchive&& other) noexcept;
  LocalArchive& operator=(LocalArchive&&) = delete;
  ~LocalArchive();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool temporary_;
};

// A name for one that is yet to be written.
Result<LocalArchive> temporary_archive();

// `image_or_file` is an archive by its path, "-" for standard input, or else an image in the user's Docker, by its name
// or id, which is exported under the names that it has there. A folder is never meant: the image of that name is.
// image_not_found when it is none of them, with what Docker said; image_invalid for an image of Docker's that has no
// name, unless it is to get one (`will_be_named`).
Result<LocalArchive> local_archive(const Context& ctx, const std::string& image_or_file, bool will_be_named = false);

}  // namespace skiff::cluster
