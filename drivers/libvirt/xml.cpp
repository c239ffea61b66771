// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/xml.h"

#include <array>

#include "base/strings.h"

namespace skiff::drivers::libvirt {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> entities = {
    {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"'", "&apos;"}, {"\"", "&quot;"}}};

std::string escaped(std::string text) {
  for (const auto& [character, entity] : entities) text = replace_all(text, character, entity);
  return text;
}

std::string unescaped(std::string text) {
  for (auto entry = entities.rbegin(); entry != entities.rend(); ++entry) {
    text = replace_all(text, entry->second, entry->first);
  }
  return text;
}

void write(std::string& out, const Element& element, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  out += indent + "<" + element.name;
  for (const auto& [key, value] : element.attributes) {
    out.append(" ").append(key).append("='").append(escaped(value)).append("'");
  }
  if (element.children.empty() && element.text.empty()) {
    out += "/>\n";
    return;
  }
  out += ">" + escaped(element.text);
  if (!element.children.empty()) {
    out += "\n";
    for (const auto& child : element.children) write(out, child, depth + 1);
    out += indent;
  }
  out += "</" + element.name + ">\n";
}

// The attributes of the tag whose name ends at `at`.
Tag attributes_at(std::string_view xml, std::size_t at) {
  Tag tag;
  for (;;) {
    at = xml.find_first_not_of(" \t\r\n", at);
    if (at == std::string_view::npos || xml[at] == '>' || xml[at] == '/') return tag;
    const auto equals = xml.find('=', at);
    if (equals == std::string_view::npos || equals + 1 >= xml.size()) return tag;
    const auto end = xml.find(xml[equals + 1], equals + 2);  // the same quote again
    if (end == std::string_view::npos) return tag;
    tag[std::string(trim(xml.substr(at, equals - at)))] =
        unescaped(std::string(xml.substr(equals + 2, end - equals - 2)));
    at = end + 1;
  }
}

}  // namespace

std::string to_xml(const Element& element) {
  std::string out;
  write(out, element, 0);
  return out;
}

std::vector<Tag> find_tags(std::string_view xml, std::string_view name) {
  std::vector<Tag> tags;
  const std::string opening = "<" + std::string(name);
  for (auto at = xml.find(opening); at != std::string_view::npos; at = xml.find(opening, at + 1)) {
    const auto end = at + opening.size();
    if (end < xml.size() && std::string_view(" \t\r\n/>").find(xml[end]) != std::string_view::npos) {
      tags.push_back(attributes_at(xml, end));
    }
  }
  return tags;
}

}  // namespace skiff::drivers::libvirt
