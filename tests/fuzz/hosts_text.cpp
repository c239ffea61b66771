// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/hosts_text.h"

#include "targets.h"

namespace skiff::fuzz {

void hosts_text(std::string_view input) {
  using namespace skiff::net;
  const std::vector<HostsEntry> entries = {{"helloworld.test", {{0x7F000001}, false}}, {"b.test", {{}, true}}};
  const std::string cleared = remove_hosts_block(input, "lab");
  must_hold(remove_hosts_block(cleared, "lab") == cleared, "clearing twice is clearing once");
  must_hold(cleared.size() <= input.size(), "clearing adds nothing");

  const auto set = set_hosts_block(input, "lab", entries);
  must_hold(set_hosts_block(set.text, "lab", entries).text == set.text, "setting twice is setting once");
  must_hold(remove_hosts_block(set.text, "lab") == cleared, "clearing undoes setting");
  must_hold(remove_hosts_block(cleared, "other") == remove_hosts_block(remove_hosts_block(input, "other"), "lab"),
            "profiles do not touch each other's blocks");
}

}  // namespace skiff::fuzz
