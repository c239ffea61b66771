// SPDX-License-Identifier: Apache-2.0
// Our labels in the descriptions of domains and networks: who made them, and for what.
#pragma once

#include "drivers/common/naming.h"
#include "drivers/libvirt/xml.h"

namespace skiff::drivers::libvirt {

Element metadata(const Labels& labels);
Labels labels_in(std::string_view xml);  // none when it is not ours

}  // namespace skiff::drivers::libvirt
