// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/metadata.h"
#include "drivers/libvirt/network.h"
#include "drivers/libvirt/storage.h"

namespace skiff::drivers::libvirt {
namespace {

TEST(LibvirtXml, EscapesWhatItIsGiven) {
  const std::string xml = to_xml(Element("a", {{"name", "\"<&>'"}}, {Element::of("b", "1 < 2 & 3")}));
  EXPECT_EQ(xml.find("\"<&"), std::string::npos) << xml;
  EXPECT_NE(xml.find("1 &lt; 2 &amp; 3"), std::string::npos) << xml;
  const auto tags = find_tags(xml, "a");
  ASSERT_EQ(tags.size(), 1U);
  EXPECT_EQ(tags[0].find("name")->second, "\"<&>'");
}

TEST(LibvirtXml, LabelsAreReadBackFromADomain) {
  DomainPlan plan;
  plan.name = "lab-cp1";
  plan.labels = {{"dev.skiff.cluster", "lab"}, {"dev.skiff.node", "lab-cp1"}};
  EXPECT_EQ(labels_in(domain_xml(plan)), plan.labels);
  EXPECT_TRUE(labels_in("<domain><name>other</name></domain>").empty());
}

TEST(LibvirtXml, OnlyAnEmulatedMachineDoesWithoutKvm) {
  DomainPlan plan;
  EXPECT_NE(domain_xml(plan).find("<domain type='kvm'"), std::string::npos) << domain_xml(plan);
  plan.emulated = true;
  plan.tsc_khz = 2400000;
  EXPECT_NE(domain_xml(plan).find("<domain type='qemu'"), std::string::npos) << domain_xml(plan);
  EXPECT_NE(domain_xml(plan).find("tsc_early_khz=2400000"), std::string::npos);
}

TEST(LibvirtXml, AMachineWithAnotherImagesSystemIsGivenThatImagesDisk) {
  DomainPlan plan;
  EXPECT_EQ(domain_xml(plan).find("skiff.renew"), std::string::npos);
  EXPECT_EQ(domain_xml(plan).find("skiff-image"), std::string::npos);
  plan.image_disk = "/images/new.disk";
  EXPECT_NE(domain_xml(plan).find("skiff.renew"), std::string::npos);
  EXPECT_NE(domain_xml(plan).find("/images/new.disk"), std::string::npos);
  EXPECT_NE(domain_xml(plan).find("<serial>skiff-image</serial>"), std::string::npos) << domain_xml(plan);
}

TEST(LibvirtXml, NetworkTellsItsRange) {
  ClusterSpec spec;
  spec.profile = "lab";
  const Cidr range = parse_cidr("192.168.83.0/24").value();
  EXPECT_EQ(range_in(network_xml(spec, range, 1400, false)), std::optional(range));
  EXPECT_EQ(range_in("<network><ip address='10.1.2.1' netmask='255.255.255.0'/></network>"),
            std::optional(parse_cidr("10.1.2.0/24").value()));
  EXPECT_EQ(range_in("<network><name>bridge</name></network>"), std::nullopt);
}

TEST(LibvirtXml, NodesOfANetworkHaveDifferentHardwareAddresses) {
  EXPECT_EQ(mac_of(parse_ipv4("192.168.83.2").value()), "52:54:00:a8:53:02");
}

TEST(LibvirtVolumes, ImageIsFoundByTheNameOfItsVolume) {
  const std::string reference = "skiff.dev/machine:v1.37.2-0123";
  EXPECT_EQ(reference_in(image_volume(reference, "disk"), "disk"), reference);
  EXPECT_EQ(reference_in(image_volume(reference, "disk"), "complete"), "");
  EXPECT_EQ(reference_in(node_volume({"lab", "c4f0"}, "lab-cp1", "disk"), "disk"), "");
}

}  // namespace
}  // namespace skiff::drivers::libvirt
