// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/domain_xml.h"

#include <array>
#include <cstdio>

#include "drivers/libvirt/metadata.h"
#include "model/dual_stack.h"

namespace skiff::drivers::libvirt {

namespace {

std::string command_line(const DomainPlan& plan) {
  std::string line = "console=ttyS0 quiet panic=-1";
  if (!plan.image_disk.empty()) line += " skiff.renew";  // images/machine/init/renew.go looks for the word
  if (!plan.emulated) return line;
  // What protects against a processor's faults only costs where there is no processor.
  line += " mitigations=off rcupdate.rcu_expedited=1";
  // Else the machine takes a clock source whose every reading leaves the emulated code.
  if (plan.tsc_khz > 0) line += " tsc=reliable tsc_early_khz=" + std::to_string(plan.tsc_khz);
  return line;
}

Element cpu(const DomainPlan& plan) {
  if (!plan.emulated) return Element("cpu", {{"mode", "host-passthrough"}});
  return Element("cpu", {{"mode", "maximum"}}, {Element("feature", {{"policy", "disable"}, {"name", "monitor"}})});
}

Element features(const DomainPlan& plan) {
  Element features("features", {}, {Element("acpi"), Element("apic")});
  // Translated code of a whole Kubernetes; with less it is translated again and again.
  if (plan.emulated) {
    features.children.emplace_back("tcg", Element::Attributes{},
                                   std::vector{Element::of("tb-cache", "256", {{"unit", "MiB"}})});
  }
  return features;
}

Element disk(std::string_view format, const std::string& path, std::string_view target, std::string_view serial,
             bool read_only) {
  Element::Attributes driver{{"name", "qemu"}, {"type", std::string(format)}};
  if (!read_only) driver.emplace_back("discard", "unmap");
  Element element("disk", {{"type", "file"}, {"device", "disk"}},
                  {Element("driver", driver), Element("source", {{"file", path}}),
                   Element("target", {{"dev", std::string(target)}, {"bus", "virtio"}}),
                   Element::of("serial", std::string(serial))});
  if (read_only) element.children.emplace_back("readonly");
  return element;
}

// QEMU's own user-mode network, in words of QEMU's: libvirt's do not have its forwarded ports. The card's place on the
// bus is one that libvirt, which counts from below, does not give away.
Element publishing(const Published& published) {
  std::string network = "user,id=published,restrict=on,net=169.254.244.0/24";
  const std::string guest(publishing_address.substr(0, publishing_address.find('/')));
  for (const auto& [host, machine] : published.ports) {
    network +=
        ",hostfwd=tcp:" + published.address + ":" + std::to_string(host) + "-" + guest + ":" + std::to_string(machine);
  }
  const std::string card = "virtio-net-pci,netdev=published,addr=0x1d,mac=" + std::string(publishing_mac);
  Element line("qemu:commandline");
  for (const std::string& word : {std::string("-netdev"), network, std::string("-device"), card}) {
    line.children.emplace_back("qemu:arg", Element::Attributes{{"value", word}});
  }
  return line;
}

}  // namespace

std::string domain_xml(const DomainPlan& plan) {
  Element domain("domain", {{"type", plan.emulated ? "qemu" : "kvm"}}, {Element::of("name", plan.name)});
  if (!plan.uuid.empty()) domain.children.push_back(Element::of("uuid", plan.uuid));
  Element devices(
      "devices", {},
      {disk("qcow2", plan.disk, "vda", root_serial, false), disk("raw", plan.tree, "vdb", tree_serial, true),
       Element("interface", {{"type", "network"}},
               {Element("mac", {{"address", plan.mac}}), Element("source", {{"network", plan.network}}),
                Element("model", {{"type", "virtio"}})}),
       Element("serial", {{"type", "file"}},
               {Element("source", {{"path", plan.console}, {"append", "off"}}), Element("target", {{"port", "0"}})}),
       Element("rng", {{"model", "virtio"}}, {Element::of("backend", "/dev/urandom", {{"model", "random"}})}),
       Element("controller", {{"type", "usb"}, {"model", "none"}}), Element("memballoon", {{"model", "none"}}),
       Element("video", {}, {Element("model", {{"type", "none"}})})});
  if (!plan.image_disk.empty()) {
    devices.children.push_back(disk("raw", plan.image_disk, "vdc", image_serial, true));
  }
  const std::vector<Element> rest{
      metadata(plan.labels),
      Element::of("memory", std::to_string(plan.memory_mib), {{"unit", "MiB"}}),
      Element::of("vcpu", std::to_string(plan.cpus)),
      Element("os", {},
              {Element::of("type", "hvm", {{"arch", "x86_64"}, {"machine", "q35"}}), Element::of("kernel", plan.kernel),
               Element::of("initrd", plan.initrd), Element::of("cmdline", command_line(plan))}),
      features(plan),
      cpu(plan),
      Element("clock", {{"offset", "utc"}}),
      Element::of("on_poweroff", "destroy"),
      Element::of("on_reboot", "destroy"),  // a kernel that has panicked
      Element::of("on_crash", "destroy"),
      devices};
  domain.children.insert(domain.children.end(), rest.begin(), rest.end());
  if (!plan.published.ports.empty()) {
    domain.attributes.emplace_back("xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0");
    domain.children.push_back(publishing(plan.published));
  }
  return to_xml(domain);
}

std::string network_xml(const ClusterSpec& spec, const Cidr& range, std::optional<int> mtu, bool name_server) {
  std::vector<Element> also;  // of libvirt 6.5 or newer; with an older one pods reach the cluster alone by IPv6
  if (spec.dual_stack) also.emplace_back("nat", Element::Attributes{{"ipv6", "yes"}});
  Element network(
      "network", {},
      {Element::of("name", network_name(spec)), metadata(cluster_labels(spec)),
       Element("forward", {{"mode", "nat"}}, std::move(also)), Element("bridge", {{"stp", "off"}, {"delay", "0"}})});
  if (mtu) network.children.emplace_back("mtu", Element::Attributes{{"size", std::to_string(*mtu)}});
  network.children.emplace_back("dns", Element::Attributes{{"enable", name_server ? "yes" : "no"}});
  network.children.emplace_back(
      "ip", Element::Attributes{{"address", to_string(range.host(1))}, {"prefix", std::to_string(range.bits)}});
  if (spec.dual_stack) {
    network.children.emplace_back(
        "ip",
        Element::Attributes{{"family", "ipv6"}, {"address", node_address6(range, range.host(1))}, {"prefix", "64"}});
  }
  return to_xml(network);
}

std::string mac_of(Ipv4 address) {
  std::array<char, 18> text{};
  std::snprintf(text.data(), text.size(), "52:54:00:%02x:%02x:%02x", address.value >> 16 & 0xff,
                address.value >> 8 & 0xff, address.value & 0xff);
  return text.data();
}

}  // namespace skiff::drivers::libvirt
