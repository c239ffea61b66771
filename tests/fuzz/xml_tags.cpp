// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "drivers/libvirt/xml.h"
#include "targets.h"

namespace skiff::fuzz {

void xml_tags(std::string_view input) {
  using namespace skiff::drivers::libvirt;
  for (const auto& tag : find_tags(input, "mac")) {
    for (const auto& [name, value] : tag) must_hold(name.size() + value.size() < input.size(), "nothing is made up");
  }
  // What skiff writes it reads again, whatever the text is.
  const std::string text(input);
  const Element element("skiff", {{"text", text}, {"end", "1"}}, {Element::of("mac", text, {{"address", text}})});
  const std::string xml = to_xml(element);
  const auto outer = find_tags(xml, "skiff");
  const auto inner = find_tags(xml, "mac");
  must_hold(outer.size() == 1 && inner.size() == 1, "a text opens no tag");
  must_hold(outer[0] == Tag{{"text", text}, {"end", "1"}}, "attributes survive the way");
  must_hold(inner[0] == Tag{{"address", text}}, "attributes beside a text survive the way");
}

}  // namespace skiff::fuzz
