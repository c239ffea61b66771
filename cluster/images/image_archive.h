// SPDX-License-Identifier: Apache-2.0
// An image archive, looked at before it goes into nodes: which images it holds, under which names, for which platforms,
// and whether all of their layers are there. OCI layouts and what `docker save` writes, old and new.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sys/archive.h"

namespace skiff::cluster {

// What an archive holds, as far as it decides what is loaded.
struct ArchiveContents {
  std::map<std::string, std::string> texts;  // its JSON files, by path
  std::map<std::string, std::string> links;  // where they lead, by path
  std::set<std::string> paths;               // of all files and links
};
// Reads an entry as far as that takes: a JSON file whole. The beginning of any other file, which is read then; nothing
// where there is nothing more to be read.
Result<std::optional<std::string>> note_entry(sys::EntryReader& reader, const sys::ArchiveEntry& entry,
                                              ArchiveContents& contents);
Result<ArchiveContents> read_contents(sys::EntryReader& reader);

// What is to go into the nodes.
struct ImageChoice {
  std::vector<std::string> names;     // full, at least one
  std::vector<std::string> left_out;  // for people: what else it holds, and why that is not loaded
  std::string index;                  // index.json of an OCI layout with just these; or else
  std::string manifest;               // manifest.json, as `docker save` writes it
  std::set<std::string> wanted;       // the paths that belong to them
};
// Every image that has a name and is for `wanted` ("linux/amd64"), under its own names, or the only one under `name`.
// `source` is what the user said, for errors: image_invalid when there is no image, none with a name or layers are
// absent; image_unsupported when it is for other platforms alone; usage when `name` could mean several. Pure.
Result<ImageChoice> choose_images(const ArchiveContents& contents, const std::string& source, const std::string& wanted,
                                  const std::optional<std::string>& name);

}  // namespace skiff::cluster
