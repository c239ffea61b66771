// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/storage.h"
#include "golden.h"

namespace skiff::drivers::libvirt {
namespace {

using skiff::test::matches_golden;

PlacedSpec lab() {
  PlacedSpec spec({}, {});
  spec.profile = "lab";
  spec.driver = "libvirt";
  spec.node_image = "skiff-machine:v1.37.2-0123456789ab";
  grow(spec, 2);
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  return spec;
}

DomainPlan plan(std::size_t index) {
  const PlacedSpec spec = lab();
  const NodeSpec node = nodes_of(spec).at(index);
  const std::string folder = "/var/lib/libvirt/images/skiff/";
  DomainPlan plan;
  plan.name = node.name;
  plan.labels = node_labels(spec, node);
  plan.memory_mib = 2560;
  plan.cpus = 2;
  plan.kernel = folder + image_volume(spec.node_image, "kernel");
  plan.initrd = folder + image_volume(spec.node_image, "initrd");
  plan.disk = folder + node_volume(identity_of(spec), node.name, "disk");
  plan.tree = folder + node_volume(identity_of(spec), node.name, "tree");
  plan.console = folder + node_volume(identity_of(spec), node.name, "console");
  plan.network = network_name(spec);
  plan.mac = mac_of(node.address);
  return plan;
}

TEST(LibvirtGolden, ControlPlane) { EXPECT_TRUE(matches_golden(domain_xml(plan(0)), "libvirt/control-plane.xml")); }

TEST(LibvirtGolden, EmulatedWorkerThatIsDescribedAnew) {
  DomainPlan worker = plan(1);
  worker.uuid = "c3a1f0de-3a52-4d50-b7a4-9d6c2f8e7b10";
  worker.memory_mib = 1536;
  worker.cpus = 1;
  worker.emulated = true;
  worker.tsc_khz = 2400000;
  EXPECT_TRUE(matches_golden(domain_xml(worker), "libvirt/emulated-worker.xml"));
}

TEST(LibvirtGolden, ControlPlaneOnAnotherHost) {
  DomainPlan published = plan(0);
  published.published = {"127.0.0.1", {{26443, 6442}, {26444, 6443}}};
  EXPECT_TRUE(matches_golden(domain_xml(published), "libvirt/published-control-plane.xml"));
}

TEST(LibvirtGolden, Network) {
  const PlacedSpec spec = lab();
  EXPECT_TRUE(matches_golden(network_xml(spec, spec.node_subnet, 1450, false), "libvirt/network.xml"));
  EXPECT_TRUE(matches_golden(network_xml(spec, spec.node_subnet, std::nullopt, true), "libvirt/far-network.xml"));
  PlacedSpec dual = spec;
  dual.dual_stack = true;
  EXPECT_TRUE(matches_golden(network_xml(dual, dual.node_subnet, 1500, false), "libvirt/dual-network.xml"));
}

TEST(LibvirtGolden, Volumes) {
  const PlacedSpec spec = lab();
  const VolumePlan disk{.name = node_volume(identity_of(spec), "lab-w1", "disk"),
                        .bytes = 20LL << 30,
                        .backing = "/var/lib/libvirt/images/skiff/" + image_volume(spec.node_image, "disk")};
  EXPECT_TRUE(matches_golden(volume_xml(disk), "libvirt/disk.xml"));
  const VolumePlan tree{.name = node_volume(identity_of(spec), "lab-w1", "tree"), .bytes = 65536};
  EXPECT_TRUE(matches_golden(volume_xml(tree), "libvirt/tree.xml"));
}

}  // namespace
}  // namespace skiff::drivers::libvirt
