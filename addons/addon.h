// SPDX-License-Identifier: Apache-2.0
// An addon is a folder of data: addon.yaml, which says what it is, and manifests/, the objects that it consists of.
// This is its description, read and checked. Pure.
//
// In every text of addon.yaml's `probes`, `endpoint` and `notes` and of the manifests, ${key} stands for a fact about
// the cluster, a value of the addon, or ${image.<name>}; "$${" stands for "${" itself.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace skiff::addons {

// On every object of an addon and on its pods, with the addon's name.
inline constexpr std::string_view addon_label = "dev.skiff.addon";

struct File {
  std::string path;  // relative to the addon's folder: "manifests/deployment.yaml"
  std::string content;
};

struct Folder {
  std::string name;      // the addon's
  std::string location;  // for errors and lists: "addons/ingress", "/home/me/.skiff/addons/mine"
  bool built_in = false;
  std::vector<File> files;  // ordered by path
};

// What a user may set. The default's kind, text, number or truth, is the value's.
struct Value {
  std::string name;
  Json fallback;
  std::string help;
};

struct Image {
  std::string name;
  std::string reference;
  std::string recipe;  // that builds it on this host (a folder of images/); empty = the nodes pull it
  std::string origin;  // where its content comes from, for people
};

// An object that has to reach a condition before the addon counts as enabled. "Available" of a workload means that all
// its pods are of its latest form and ready; everything else is a name in status.conditions.
struct Ready {
  std::string kind;
  std::string ns;  // empty for cluster-wide kinds
  std::string name;
  std::string condition;
  int line = 0;  // of addon.yaml
};

// A question to the running addon, asked from the control plane's node. The URL's host is an address, or a service as
// "name.namespace".
struct Probe {
  std::string url;
  int status = 200;
};

// Custom resource definitions that a Go module carries in a folder: they are applied as they are, before the manifests.
struct Definitions {
  std::string module;  // "sigs.k8s.io/gateway-api"
  std::string version;
  std::string sum;  // of the module, as go.sum has it
  std::string folder;
};

// A service of the addon that this host reaches on a port of localhost while the addon is enabled: the same number as
// the service's, or what a value of the addon says.
struct HostPort {
  std::string ns;
  std::string service;
  std::uint16_t port = 0;  // the service's
  std::string value = {};  // name of that value; where the user has set none, the first free port is chosen for it
};

// What `skiff tunnel` serves of the addon: TCP ports that the control plane's node has for a service, on a local
// address that takes the place of the service's status meanwhile, and the hosts of Ingress objects that lead there.
struct TunnelDoor {
  std::string name;  // in 'skiff tunnel status'
  std::string ns;
  std::string service;
  std::vector<std::uint16_t> ports;
  std::string ingress_class;  // whose hosts, and those of Ingress objects without a class; empty: of none
};

struct Addon {
  std::string name;
  std::string summary;
  std::string maintainer;
  std::vector<std::string> aliases;
  // Enabled in every new cluster, while its DNS still comes up: its pods must bear a cluster that does not answer yet.
  bool by_default = false;
  std::vector<std::string> required;  // names of other addons
  std::vector<std::string> conflicts;
  std::vector<Value> values;
  std::vector<Image> images;
  std::optional<Definitions> definitions;
  std::vector<Ready> ready;
  std::vector<Probe> probes;
  std::optional<HostPort> host_port;
  std::optional<TunnelDoor> tunnel;
  std::string endpoint;  // URL for `addons open`; may be empty
  std::string notes;     // said once it is enabled; may be empty
  Folder folder;
  std::map<std::string, int> lines;  // of addon.yaml
};

// addon_invalid, with file:line, when addon.yaml is missing, or something in it is missing, unknown or of a wrong kind.
Result<Addon> parse_addon(Folder folder);

Error invalid(std::string_view location, std::string_view file, int line, std::string_view what);

}  // namespace skiff::addons
