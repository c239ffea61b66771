// SPDX-License-Identifier: Apache-2.0
// A driver makes and removes the machines of a cluster. Upper code knows drivers only through its two seams, the
// provider and what one node does, and asks for a trait, never for a driver's name. Every call may block within its
// context, and may be made from any thread. Verbs are idempotent. What exists is asked of the provider (labels,
// metadata), never of a file of ours.
#pragma once

#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "model/cluster_spec.h"
#include "model/file_tree.h"
#include "sys/net/host_net.h"
#include "sys/net/stream.h"

namespace skiff::drivers {

struct NodeId {
  ClusterId cluster;
  std::string name;
  bool operator==(const NodeId&) const = default;
};

enum class NodeState { running, stopped, saved, paused, broken };  // saved: stopped, its memory is on disk
std::string_view to_string(NodeState state);
constexpr bool sleeps(NodeState state) { return state == NodeState::saved || state == NodeState::paused; }

struct ObservedNode {
  NodeId id;
  Role role = Role::worker;
  NodeState state = NodeState::broken;
  Ipv4 address;       // fixed address, also while stopped; zero when the provider does not know it
  std::string image;  // node image reference it was made from
  std::string api =
      {};  // "host:port" where a control plane's API answers this host; empty: nowhere, or no control plane
  std::string owner = {};  // ClusterSpec::owner of the cluster, for people
  std::string disk_image =
      {};  // the one that its disk began with and still needs, where an upgrade has made `image` another; else empty
};

// The one of that name; null when it is not among them.
const ObservedNode* find_node(const std::vector<ObservedNode>& nodes, std::string_view name);
bool runs(const std::vector<ObservedNode>& nodes, std::string_view name);

struct Health {
  std::string version;                                     // of the provider, for people
  std::vector<std::pair<std::string, std::string>> facts;  // "cgroup" -> "v1", ... shown by doctor
};

// A node image as it lies in the provider or in the host's store.
struct NodeImage {
  std::string reference;   // name:tag, the tag holds the Kubernetes version and the recipe's content hash
  std::string rootfs_tar;  // path of the root file system as a tar; empty = only look whether it is there
  std::int64_t bytes = 0;  // unpacked size as the provider reports it (list only)
  // In place of rootfs_tar, for nodes with a kernel of their own: paths of what a machine boots, its disk raw.
  std::string kernel = {};
  std::string initrd = {};
  std::string disk = {};
  // The newest of the trees that its init reads (kube::node_tree_format); without a number images are of format 1.
  int tree_format = 1;
  int least_tree_format = 0;  // that will do of one that is there already; 0 = tree_format
};

// A command in a running node. `out` and `err` are called from this thread, in turn; `in` may be called from another
// one meanwhile, and must end when its context says so: the command may end before its input does. A null `in` is an
// empty stdin. With a terminal, `err` is unused.
struct ExecRequest {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
  std::function<Result<std::string>(const Context&)> in;  // next piece of stdin; an empty string ends it
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> err;
  // Set instead of `in` for an interactive terminal: the descriptor of the user's terminal, already in raw mode.
  int tty_fd = -1;
};

struct DriverTraits {
  bool own_kernel = false;           // nodes run a kernel of their own
  bool reachable_from_host = false;  // node addresses answer from this host
  std::string api_host = {};         // else: where the API's port is published, a name of the API's certificate
  bool publishes_ports = false;      // ClusterSpec::ports can be had
  bool joins_networks = false;       // ClusterSpec::network_name may be one that was there before
  bool binds_folders = false;        // NodeVerbs::bind_folders() can
  bool slow = false;                 // the nodes' processors are emulated: everything takes many times as long
  std::string architecture = {};     // of the nodes' processors as OCI calls it ("arm64"); empty: not told
};

// Of the host on which the nodes run, which need not be this one. What cannot be learnt is absent, and each has one
// place that then decides: kube::render_resolv_conf() for name servers, cluster::provision() for the MTU.
struct HostFacts {
  sys::Resolver resolver;         // as a node or pod can use it too; no servers: not known, or none that others can use
  std::optional<int> uplink_mtu;  // in bytes
  std::time_t now = 0;            // by the clock that nodes have, when this was asked
};
// For providers whose nodes run on this one.
HostFacts facts_of_this_host();

// What a call had to create. Storage that was there before may hold data from before.
struct Made {
  bool node = false;
  bool storage = false;
};

// What carries the name of a cluster but not its id belongs to somebody else: no verb changes or removes it. Verbs that
// make things answer name_conflict, and say whose it is; all others take it for absent.
//
// What machines come from: its state, its images and networks, and the list of what there is.
class Provider {
 public:
  virtual ~Provider() = default;

  // Installed, running, allowed, new enough? The error says how to mend it.
  virtual Result<Health> check(const Context& ctx) = 0;
  virtual Result<DriverTraits> traits(const Context& ctx) = 0;

  // May look from a container of `image`, one that ensure_image() has made usable.
  virtual Result<HostFacts> host_facts(const Context& ctx, const std::string& image) = 0;

  // Node images in the provider.
  virtual Result<std::vector<NodeImage>> images(const Context& ctx) = 0;
  // Makes the image usable by ensure_node. image_not_found when it is absent and no rootfs_tar is given;
  // image_unsupported when the one that is there reads trees of another format.
  virtual Result<void> ensure_image(const Context& ctx, const NodeImage& image) = 0;
  // Removes the image and what ensure_image() has made of it. Absent = success; name_conflict while there are nodes of
  // it, whoever made them.
  Result<void> remove_image(const Context& ctx, const std::string& reference);

  // The cluster's own network. With a zero `wanted` an existing network's range is kept, or the first free /24 taken;
  // subnet_conflict when there is none or `wanted` is not free.
  virtual Result<Cidr> ensure_network(const Context& ctx, const ClusterSpec& spec, const Cidr& wanted) = 0;

  // Removes what else carries the cluster's label: networks, volumes, half-made nodes. None = success.
  virtual Result<void> remove_leftovers(const Context& ctx, const ClusterId& cluster) = 0;
  // The nodes of all clusters, whoever made them, ordered by name.
  virtual Result<std::vector<ObservedNode>> all_nodes(const Context& ctx) = 0;
  // The nodes of one cluster.
  Result<std::vector<ObservedNode>> nodes(const Context& ctx, const ClusterId& cluster);

 private:
  virtual Result<void> drop_image(const Context& ctx, const std::string& reference) = 0;  // of which there are no nodes
};

// What is done with one node.
class NodeVerbs {
 public:
  virtual ~NodeVerbs() = default;

  // Creates the node, or starts it when it exists, with `tree` in place before its init goes on; a saved node goes on
  // with the tree that it has, and so does a stopped one that is given an empty tree. A stopped node whose image is not
  // the spec's is made anew around its data (/var), given a tree that is not empty.
  // A call that fails or is interrupted leaves nothing that it made.
  virtual Result<Made> ensure_node(const Context& ctx, const PlacedSpec& spec, const NodeSpec& node,
                                   const FileTree& tree) = 0;
  // Clean shutdown, forced after a limit. Stopped or absent = success.
  virtual Result<void> stop_node(const Context& ctx, const NodeId& id) = 0;
  // Ends a running node with its memory on disk, so that ensure_node lets it go on where it was (NodeState::saved).
  // unsupported by drivers whose nodes have no kernel of their own.
  virtual Result<void> save_node(const Context& ctx, const NodeId& id);
  // Freezes a running node with all its processes, and lets it go on; both times its clock is right afterwards. Done
  // already = success; cluster_not_running when the node does not run.
  virtual Result<void> pause_node(const Context& ctx, const NodeId& id) = 0;
  virtual Result<void> unpause_node(const Context& ctx, const NodeId& id) = 0;
  // Removes the node with its storage, running or not. Absent = success.
  virtual Result<void> remove_node(const Context& ctx, const NodeId& id) = 0;

  // Runs a command and blocks until it ends; its exit code. cluster_not_running when the node does not run.
  virtual Result<int> exec(const Context& ctx, const NodeId& id, const ExecRequest& request) = 0;
  // Lets running nodes of one cluster see folders of this host, which lie there, until they stop or `skiff-mount
  // remove` runs in them. All of it or nothing; what is there already stays. usage when a target is unsuited;
  // unsupported where the nodes' host is not this one (DriverTraits::binds_folders).
  virtual Result<void> bind_folders(const Context& ctx, const std::vector<NodeId>& nodes,
                                    const std::vector<FolderMount>& folders);
  // A byte stream to a TCP address as seen from inside the node.
  virtual Result<std::unique_ptr<sys::Stream>> open(const Context& ctx, const NodeId& id, std::string_view host,
                                                    std::uint16_t port) = 0;
  // The last output of the node's init and supervisor (not of its services), for error messages and `logs`; also of a
  // stopped node. node_not_found when there is none.
  virtual Result<std::string> console(const Context& ctx, const NodeId& id) = 0;
};

class Driver : public Provider, public NodeVerbs {};

// name_conflict: `thing` ("The Docker volume 'x'") belongs to another cluster of that name.
Error belongs_to_another(std::string_view thing, const std::string& cluster, const std::string& owner);

struct Captured {
  int exit_code = 0;
  std::string out;
  std::string err;
};
// exec() with both streams collected and `input` as stdin.
Result<Captured> capture(const Context& ctx, NodeVerbs& nodes, const NodeId& id, std::vector<std::string> argv,
                         std::string input = {});

}  // namespace skiff::drivers
