// SPDX-License-Identifier: Apache-2.0
// What a node's machine is to be, before libvirt is told.
#pragma once

#include <span>
#include <vector>

#include "drivers/libvirt/connection.h"
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/image.h"
#include "drivers/libvirt/metadata.h"
#include "drivers/libvirt/storage.h"

namespace skiff::drivers::libvirt {

// All but its uuid and what is published of it. too_little_memory when the cluster's machines would have more than the
// host. Blocks on libvirt.
Result<DomainPlan> plan_domain(Connection& connection, virConnectPtr conn, const Pool& pool, const PlacedSpec& spec,
                               const NodeSpec& node, const ImageFiles& image);

// The machine is to have that image's system. A disk that is there, that of the node `before`, was made from the image
// that the node began with: the machine then takes the other one's system at its next boot, and keeps its data.
void take_system(DomainPlan& plan, const std::string& reference, const ImageFiles& image, const ObservedNode* before);

// What may be published of a machine, the next when a port turns out to be taken; nothing on this host, which reaches
// all. `others` are the labels of all of skiff's machines there, `own` those that this one has: it keeps its ports.
Result<std::vector<Published>> publications(const Context& ctx, const Connection& connection,
                                            std::span<const Labels> others, const Labels& own, Role role,
                                            std::uint16_t api_port);
void publish(DomainPlan& plan, const Published& published);

}  // namespace skiff::drivers::libvirt
