// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "base/strings.h"
#include "cli/command.h"
#include "cluster/images/image_list.h"
#include "cluster/images/image_name.h"

namespace skiff::cli {
namespace {

using cluster::ImageList;
using cluster::ListedImage;

// "13.5MB", as Docker writes sizes.
std::string size_text(std::uint64_t bytes) {
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  constexpr std::array<std::string_view, 4> units = {"B", "kB", "MB", "GB"};
  for (; value >= 1000 && unit + 1 < units.size(); ++unit) value /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data() + std::string(units[unit]);
}

std::string nodes_text(const ListedImage& image, const ImageList& list) {
  return image.nodes.size() == list.nodes.size() ? "all" : join(image.nodes, ", ");
}

std::string to_table(const ImageList& list) {
  std::vector<std::vector<std::string>> rows = {{"Image", "Tag", "Image ID", "Size", "Nodes"}};
  for (const auto& image : list.images) {
    const std::string id = image.id.substr(image.id.find(':') + 1).substr(0, 13);
    const auto add = [&](const std::string& name, const std::string& tag) {
      rows.push_back({name, tag, id, size_text(image.bytes), nodes_text(image, list)});
    };
    for (const auto& name : image.names) add(name.substr(0, name.rfind(':')), name.substr(name.rfind(':') + 1));
    if (image.names.empty()) add("<none>", "<none>");
  }
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  std::string line = "|";
  for (const auto width : widths) line += std::string(width + 2, '-') + "|";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i < 2) text += line + "\n";
    text += "|";
    for (std::size_t column = 0; column < widths.size(); ++column) {
      text += " " + rows[i][column] + std::string(widths[column] - rows[i][column].size() + 1, ' ') + "|";
    }
    text += "\n";
  }
  return text + line + "\n";
}

JsonArray to_items(const ImageList& list) {
  JsonArray items;
  for (const auto& image : list.images) {
    items.push_back(JsonObject{{"id", image.id.substr(image.id.find(':') + 1)},
                               {"repoDigests", JsonArray(image.digests.begin(), image.digests.end())},
                               {"repoTags", JsonArray(image.names.begin(), image.names.end())},
                               {"size", std::to_string(image.bytes)},
                               {"nodes", JsonArray(image.nodes.begin(), image.nodes.end())}});
  }
  return items;
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string format = args.text("format").value_or("short");
  const std::vector<std::string> formats = {"short", "table", "json", "yaml"};
  if (std::ranges::find(formats, format) == formats.end()) {
    return make_error(ErrorId::usage, "--format must be short, table, json or yaml, not '" + format + "'");
  }
  const auto list = TRY(cluster::list_images(session.ctx, session.home, TRY(session.profile())));
  std::set<std::string> names;
  for (const auto& image : list.images) {
    names.insert(image.names.begin(), image.names.end());
    if (format != "short" || image.names.empty() || image.nodes.size() == list.nodes.size()) continue;
    session.ctx.events->note(cluster::short_image_name(image.names.front()) + " as " + image.id.substr(7, 12) +
                             " is only on " + join(image.nodes, ", "));
  }
  Answer answer;
  const JsonArray items = to_items(list);
  if (format == "table") answer.text = to_table(list);
  if (format == "json") answer.text = to_text(items) + "\n";
  if (format == "yaml") answer.text = to_yaml(items);
  if (format == "short" && !names.empty()) answer.text = join(std::vector(names.begin(), names.end()), "\n") + "\n";
  answer.data["images"] = JsonArray(names.begin(), names.end());
  answer.data["details"] = items;
  return answer;
}

}  // namespace

Command image_ls_command() {
  return {
      .name = "image ls",
      .group = Group::images,
      .summary = "List the images that the nodes have",
      .help =
          "A note says which images only some of the nodes have; the other formats tell the nodes of every image.\n\n"
          "Examples\n"
          "  skiff image ls -p lab\n"
          "  skiff image ls --format table",
      .flags = {{"format", 0, "KIND", "short (names, the default), table, json or yaml"}},
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
