// SPDX-License-Identifier: Apache-2.0
// Talks to the first process of a machine (images/machine/init), which runs commands and opens streams there. Each
// request is a TLS connection of its own to the machine's address, in which both sides show the same certificate; its
// key is on the machine's second disk, where only those can read it who may use libvirt.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "base/json.h"
#include "drivers/driver.h"
#include "drivers/libvirt/storage.h"
#include "sys/net/self_signed.h"

struct ssl_ctx_st;

namespace skiff::drivers::libvirt {

inline constexpr std::uint16_t machine_port = 6442;

// A machine's files as its second disk brings them: a tar archive that begins with what the machine must know.
// `published`: it has a second network card, see domain_xml.h.
std::string machine_tree(const PlacedSpec& spec, const NodeSpec& node, const FileTree& tree, int mtu, bool published,
                         const sys::SelfSigned& identity);
// The identity in such an archive, of which the first piece is enough. Pure.
inline constexpr std::size_t identity_piece = 8192;
Result<sys::SelfSigned> identity_in(std::string_view tree);

// One frame of the conversation (images/machine/init/session.go).
struct Frame {
  char kind = 0;
  std::string content;
};

class Conversation {
 public:
  explicit Conversation(std::unique_ptr<sys::Stream> stream) : stream_(std::move(stream)) {}

  Result<void> send(const Context& ctx, char kind, std::string_view content);
  // Nothing at the end of the connection.
  Result<std::optional<Frame>> receive(const Context& ctx);
  // What the machine says to a request that is done or not: node_command_failed with its reason.
  Result<void> expect_done(const Context& ctx);
  // For raw bytes from here on.
  std::unique_ptr<sys::Stream> release() { return std::move(stream_); }

 private:
  Result<bool> read_exactly(const Context& ctx, std::span<char> buffer);
  std::unique_ptr<sys::Stream> stream_;
};

// Where the machines of one connection are found, and how they are recognised.
class Machines {
 public:
  explicit Machines(Connection& connection) : connection_(connection) {}

  // One run of a machine, and where that answers.
  struct Running {
    NodeId id;
    int domain_id = 0;
    std::string host;
    std::uint16_t port = 0;
  };
  // Sends a request, made at the moment when the machine is about to read it. Waits while it boots; node_failed when it
  // does not come up within `patience`.
  using Request = std::function<Json()>;
  Result<Conversation> ask(const Context& ctx, const Running& machine, const Request& request, Duration patience);

 private:
  Result<std::shared_ptr<ssl_ctx_st>> credentials(const Context& ctx, const NodeId& id, int domain_id);

  Connection& connection_;
  std::mutex mutex_;
  std::map<std::pair<std::string, int>, std::shared_ptr<ssl_ctx_st>> known_;  // by node and run
};

}  // namespace skiff::drivers::libvirt
