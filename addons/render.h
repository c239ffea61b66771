// SPDX-License-Identifier: Apache-2.0
// From an addon to the objects that it puts into a cluster. Pure.
#pragma once

#include <string>
#include <vector>

#include "addons/addon.h"
#include "addons/settings.h"

namespace skiff::addons {

// What an addon may know about the cluster: ${profile}, ${controlPlane.node} and ${controlPlane.address}.
struct Facts {
  std::string profile;
  std::string node;     // name of the first control-plane node
  std::string address;  // and its address
};

struct Condition {
  Json object;  // one of the objects
  std::string type;
};

struct Rendered {
  std::vector<Json> objects;  // in the order in which they are to be applied
  std::vector<Image> images;
  std::vector<Condition> ready;
  std::vector<Probe> probes;
  std::string endpoint;
  std::string notes;
};

// usage when a setting is unknown or of a wrong kind; addon_invalid, with file:line, for an unknown key, a value or
// image that is not used, a manifest that is no object, or a ready condition about an object that is not among the
// manifests.
Result<Rendered> render(const Addon& addon, const Settings& settings, const Facts& facts);

// Puts the custom resource definitions in the texts of `files` among the objects; other kinds there are left out.
// addon_invalid when a file is no YAML.
Result<void> add_definitions(const Addon& addon, const std::vector<File>& files, Rendered& rendered);

}  // namespace skiff::addons
