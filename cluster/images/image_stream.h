// SPDX-License-Identifier: Apache-2.0
// Archives and folders with images, passed on to nodes while they are read, once.
#pragma once

#include <optional>
#include <string>

#include "cluster/images/image_feed.h"
#include "sys/unique_fd.h"

namespace skiff::cluster {

// The images of an archive that has names, or its only one under `name`. `scanned`: what it holds, when that could be
// seen beforehand; only what is wanted is passed then. What else it holds is a warning. Errors: those of
// choose_images(), layout_of() and of the reader.
Result<Layout> pass_images(const Context& ctx, sys::EntryReader& reader, Feed& feed, const std::string& source,
                           const std::optional<std::string>& name, const ArchiveContents* scanned = nullptr);

// Reads an archive that `write` gives piece by piece on a thread of its own.
using Sink = std::function<Result<void>(std::string_view)>;
Result<void> read_written(const Context& ctx, const std::string& source,
                          const std::function<Result<void>(const Context&, const Sink&)>& write,
                          const std::function<Result<void>(const Context&, sys::EntryReader&)>& read);

// An OCI image layout that lies in a folder, as entries in the order of their names.
class FolderReader final : public sys::EntryReader {
 public:
  explicit FolderReader(const std::string& folder);
  Result<std::optional<sys::ArchiveEntry>> next() override;
  Result<std::string> read(std::size_t most) override;

 private:
  std::string folder_;
  std::vector<std::string> paths_;  // relative
  std::size_t next_ = 0;
  sys::UniqueFd fd_;
};

}  // namespace skiff::cluster
