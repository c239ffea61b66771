// After a load that has failed while names were being given: no node is to have another image under a name than others.
#pragma once

#include <string>
#include <vector>

#include "cluster/images/node_talks.h"

namespace skiff::cluster {

// What is to be done in one node for one name.
struct NameUndo {
  std::size_t node = 0;  // its index
  std::string name;
  std::string digest;  // which image has the name elsewhere; empty: none has, and the name is to go
  bool operator==(const NameUndo&) const = default;
};
// What a load was about to name, and the nodes that it told so, by their indices.
struct Naming {
  NodeNames given;
  std::vector<std::size_t> told;
};
// Pure. `found` is what the names stand for on each node. Where only some of the nodes that were told have a name as
// given and all others agree, those are to have it as the others. Nothing is done about a name that all have as given,
// or about which the others differ: there was no agreement before.
std::vector<NameUndo> undo_of(const std::vector<NodeNames>& found, const Naming& naming);

// Asks the nodes, and does that. `why` told what could not be taken back.
void take_back_names(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                     const Naming& naming, Error& why);

}  // namespace skiff::cluster
