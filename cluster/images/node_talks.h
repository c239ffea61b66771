// SPDX-License-Identifier: Apache-2.0
// The way into several nodes at once: one command in each, which says what the node's content store has, and then takes
// an archive with what it lacks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/piece_queue.h"
#include "drivers/driver.h"

namespace skiff::cluster {

using NodeBlobs = std::map<std::string, std::uint64_t>;            // "sha256:..." -> bytes
using NodeNames = std::map<std::string, std::string>;              // an image's full name -> its digest
inline constexpr std::string_view image_command = "skiff-images";  // $0 of that command

class NodeTalks {
 public:
  // Runs the command in all nodes, and `body` beside them; what it has told the nodes counts once this returns. Where
  // nodes are too many to talk at once, `body` runs again for the rest. What a node says when it fails is
  // node_command_failed, or disk_full.
  using Body = std::function<Result<void>(const Context&, NodeTalks&)>;
  static Result<void> run(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                          const Body& body);

  std::size_t nodes() const { return talks_.size(); }
  // What the node's content store has. To be called once, first.
  Result<NodeBlobs> blobs(const Context& ctx, std::size_t node);
  // Asks the nodes what these names stand for there; those that stand for nothing are absent.
  Result<std::vector<NodeNames>> names(const Context& ctx, const std::vector<std::size_t>& nodes,
                                       const std::vector<std::string>& names);
  // From now on the node gets an archive; images for `platform` are taken from it.
  Result<void> begin_import(const Context& ctx, std::size_t node, const std::string& platform);
  Result<void> send(const Context& ctx, std::size_t node, Piece piece);

 private:
  struct Talk;
  explicit NodeTalks(const std::vector<drivers::NodeId>& nodes);
  std::vector<std::shared_ptr<Talk>> talks_;
};

// The lines of `ctr images list`, whose columns are REF TYPE DIGEST SIZE PLATFORMS LABELS.
NodeNames parse_names(const std::vector<std::string>& lines);

// What ctr has said, its warnings (each "time=... level=warning ...") last: they are seldom the cause.
std::string words_of_ctr(std::string_view words);

// After a load that has failed while names were being given: no node is to have another image under a name than others.
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
