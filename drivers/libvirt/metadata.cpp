// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/metadata.h"

namespace skiff::drivers::libvirt {

Element metadata(const Labels& labels) {
  Element list("skiff:labels", {{"xmlns:skiff", "https://skiff.dev/libvirt"}});
  for (const auto& [name, value] : labels) {
    list.children.emplace_back("skiff:label", Element::Attributes{{"name", name}, {"value", value}});
  }
  return Element("metadata", {}, {list});
}

Labels labels_in(std::string_view xml) {
  Labels labels;
  for (const auto& tag : find_tags(xml, "skiff:label")) {
    if (tag.contains("name") && tag.contains("value")) labels[tag.find("name")->second] = tag.find("value")->second;
  }
  return labels;
}

}  // namespace skiff::drivers::libvirt
