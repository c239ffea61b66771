// A container image that this user already has, as an archive file.
#pragma once

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

// `image_or_file` is an archive ("docker save" or OCI) by its path, or else the name of an image in the user's Docker,
// which is exported. image_not_found when it is neither, with what Docker said.
Result<LocalArchive> local_archive(const Context& ctx, const std::string& image_or_file);

}  // namespace skiff::cluster
