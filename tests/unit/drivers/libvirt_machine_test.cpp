// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "drivers/libvirt/console_text.h"
#include "drivers/libvirt/machine.h"
#include "drivers/libvirt/node.h"

namespace skiff::drivers::libvirt {
namespace {

TEST(LibvirtMachine, IdentityIsReadBackFromItsTree) {
  PlacedSpec spec({}, {});
  spec.profile = "lab";
  spec.node_subnet = parse_cidr("192.168.83.0/24").value();
  const auto identity = sys::make_self_signed("skiff-machine").value();
  const std::string tree = machine_tree(spec, nodes_of(spec)[0], {}, 1500, false, identity);
  const auto read = identity_in(tree);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->cert_pem, identity.cert_pem);
  EXPECT_EQ(read->key_pem, identity.key_pem);
}

TEST(LibvirtMachine, TreeWithoutIdentityIsRefused) {
  const auto read = identity_in("something else");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().id, ErrorId::node_failed);
}

TEST(LibvirtMachine, ConsoleIsReadableText) {
  EXPECT_EQ(readable("\x1b[2Jone\r\ntwo\n\nthree\n", 2), "\nthree\n");
  EXPECT_EQ(readable("\x1b[2J", 5), "");
}

}  // namespace
}  // namespace skiff::drivers::libvirt
