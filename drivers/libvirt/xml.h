// SPDX-License-Identifier: Apache-2.0
// XML as libvirt takes and gives it: a builder for what skiff describes, and a look at the tags of what it is told.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skiff::drivers::libvirt {

struct Element {
  using Attributes = std::vector<std::pair<std::string_view, std::string>>;

  Element(std::string_view tag, Attributes with = {}, std::vector<Element> inside = {})
      : name(tag), attributes(std::move(with)), children(std::move(inside)) {}
  // An element that holds a text alone.
  static Element of(std::string_view tag, std::string content, Attributes with = {}) {
    Element element(tag, std::move(with));
    element.text = std::move(content);
    return element;
  }

  std::string name;
  Attributes attributes;
  std::vector<Element> children;
  std::string text;
};

// Indented by two spaces; ends with a newline. Everything is escaped as it must be.
std::string to_xml(const Element& element);

// The attributes of every tag of that name, in order. Enough to read what libvirt has written: it is well-formed.
using Tag = std::map<std::string, std::string, std::less<>>;
std::vector<Tag> find_tags(std::string_view xml, std::string_view name);

}  // namespace skiff::drivers::libvirt
