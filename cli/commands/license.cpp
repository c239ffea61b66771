// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "cli/command.h"
#include "cli/text/columns.h"

namespace skiff::cli {
namespace {

struct Licence {
  std::string_view what;
  std::string_view where;
  std::string_view licence;  // SPDX
};

// Of cmake/Dependencies.cmake, and of the recipes below images/.
constexpr std::array<Licence, 26> licences = {{
    {"skiff", "this program", "Apache-2.0"},
    {"Boost", "in this program", "BSL-1.0"},
    {"OpenSSL", "in this program", "Apache-2.0"},
    {"CLI11", "in this program", "BSD-3-Clause"},
    {"fmt", "in this program", "MIT"},
    {"spdlog", "in this program", "MIT"},
    {"yaml-cpp", "in this program", "MIT"},
    {"libarchive", "in this program", "BSD-2-Clause"},
    {"zlib", "in this program", "Zlib"},
    {"Zstandard", "in this program", "BSD-3-Clause"},
    {"liblzma", "in this program", "LicenseRef-PublicDomain"},
    {"bzip2", "in this program", "bzip2-1.0.6"},
    {"GCC's runtime libraries", "in this program", "GPL-3.0-or-later WITH GCC-exception-3.1"},
    {"libvirt's client library", "loaded when it is there", "LGPL-2.1-or-later"},
    {"Kubernetes", "node image", "Apache-2.0"},
    {"etcd", "node image", "Apache-2.0"},
    {"containerd", "node image", "Apache-2.0"},
    {"runc", "node image", "Apache-2.0"},
    {"CNI plugins", "node image", "Apache-2.0"},
    {"cri-tools", "node image", "Apache-2.0"},
    {"CoreDNS", "node image", "Apache-2.0"},
    {"s6", "node image", "ISC"},
    {"Debian's packages", "node image", "each its own: its source package in Debian 12 has a file debian/copyright"},
    {"Linux", "image for machines", "GPL-2.0-only WITH Linux-syscall-note"},
    {"Traefik", "addon images", "MIT"},
    {"metrics-server, registry", "addon images", "Apache-2.0"},
}};

Result<Answer> run(Session&, const Args&) {
  std::vector<std::vector<std::string>> rows = {{"WHAT", "WHERE", "LICENCE"}};
  JsonArray items;
  for (const auto& [what, where, licence] : licences) {
    rows.push_back({std::string(what), std::string(where), std::string(licence)});
    items.push_back(JsonObject{{"what", what}, {"where", where}, {"licence", licence}});
  }
  return Answer{.text = to_columns(rows),
                .message = "Go modules that these are compiled with have licences of their own, all in their sources.",
                .data = {{"licences", std::move(items)}}};
}

}  // namespace

Command license_command() {
  return {
      .name = "license",
      .group = Group::settings,
      .summary = "List the licences of what skiff is made of and makes nodes from",
      .help = "A summary, no copies: it downloads nothing.\n\nExample\n  skiff license",
      .logged = false,
      .changes = false,
      .run = run,
  };
}

}  // namespace skiff::cli
