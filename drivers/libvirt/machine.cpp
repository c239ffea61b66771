// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/machine.h"

#include "base/json.h"
#include "drivers/libvirt/domain_xml.h"
#include "model/tar.h"
#include "sys/net/socket_stream.h"
#include "sys/net/tls_stream.h"

namespace skiff::drivers::libvirt {

namespace {

constexpr const char* machine_name = "skiff-machine";  // what the certificate is valid for
constexpr const char* machine_file = "machine.json";
constexpr std::size_t frame_head = 5;
constexpr auto one_try = std::chrono::milliseconds(500);

}  // namespace

std::string machine_tree(const PlacedSpec& spec, const NodeSpec& node, const FileTree& tree, int mtu, bool published,
                         const sys::SelfSigned& identity) {
  const JsonObject description{{"name", node.name},
                               {"mac", mac_of(node.address)},
                               {"address", to_string(node.address) + "/" + std::to_string(spec.node_subnet.bits)},
                               {"gateway", to_string(gateway_of(spec))},
                               {"publishedMac", published ? publishing_mac : ""},
                               {"publishedAddress", published ? publishing_address : ""},
                               {"mtu", mtu},
                               {"port", machine_port},
                               {"certificate", identity.cert_pem},
                               {"key", identity.key_pem}};
  const std::string text = to_text(description);
  return tar_header({.path = machine_file, .mode = 0600, .size = text.size()}) + text + tar_padding(text.size()) +
         to_tar(tree);
}

Result<sys::SelfSigned> identity_in(std::string_view tree) {
  constexpr std::size_t header = 512;
  const auto broken = [] {
    return make_error(ErrorId::node_failed, "The machine's second disk holds no identity",
                      "Run 'skiff stop' and 'skiff start': the disk is written at each start");
  };
  if (!tree.starts_with(std::string(machine_file) + '\0') || tree.size() < header) return broken();
  const std::size_t size = std::strtoul(std::string(tree.substr(124, 12)).c_str(), nullptr, 8);
  const auto description = parse_json(tree.substr(header, size));
  if (!description.ok()) return broken();
  return sys::SelfSigned{text_at(*description, "certificate"), text_at(*description, "key")};
}

Result<void> Conversation::send(const Context& ctx, char kind, std::string_view content) {
  const auto size = static_cast<std::uint32_t>(content.size());
  std::string frame{kind, static_cast<char>(size >> 24), static_cast<char>(size >> 16), static_cast<char>(size >> 8),
                    static_cast<char>(size)};
  return stream_->write(ctx, frame.append(content));
}

Result<bool> Conversation::read_exactly(const Context& ctx, std::span<char> buffer) {
  while (!buffer.empty()) {
    const std::size_t count = TRY(stream_->read(ctx, buffer));
    if (count == 0) return false;
    buffer = buffer.subspan(count);
  }
  return true;
}

Result<std::optional<Frame>> Conversation::receive(const Context& ctx) {
  std::array<char, frame_head> head{};
  if (!TRY(read_exactly(ctx, head))) return std::optional<Frame>();
  std::uint32_t size = 0;
  for (std::size_t i = 1; i < frame_head; ++i) size = size << 8 | static_cast<unsigned char>(head[i]);
  if (size > 1 << 24) return make_error(ErrorId::node_failed, "The machine says what nobody understands");
  Frame frame{head[0], std::string(size, '\0')};
  if (!TRY(read_exactly(ctx, frame.content))) return std::optional<Frame>();
  return std::optional(std::move(frame));
}

Result<void> Conversation::expect_done(const Context& ctx) {
  const auto frame = TRY(receive(ctx));
  if (frame && frame->kind == 'k') return {};
  return make_error(ErrorId::node_command_failed,
                    frame ? "Inside the machine: " + frame->content : "The machine broke the connection off");
}

Result<std::shared_ptr<ssl_ctx_st>> Machines::credentials(const Context& ctx, const NodeId& id, int domain_id) {
  const std::pair key(id.name, domain_id);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
  }
  const Pool pool = TRY(ensure_pool(ctx, connection_));
  const auto volume = TRY(find_volume(connection_, pool, node_volume(id.cluster, id.name, "tree")));
  if (!volume) {
    return make_error(ErrorId::node_failed, "The second disk of the machine '" + id.name + "' has gone",
                      "Run 'skiff stop' and 'skiff start': the disk is written at each start");
  }
  const auto identity = TRY(identity_in(TRY(read_volume(ctx, connection_, *volume, identity_piece))));
  const auto tls = TRY(sys::make_tls_context({identity.cert_pem, identity.cert_pem, identity.key_pem, machine_name}));
  const std::lock_guard lock(mutex_);
  return known_[key] = tls;
}

Result<Conversation> Machines::ask(const Context& ctx, const Running& machine, const Request& request,
                                   Duration patience) {
  const auto tls = TRY(credentials(ctx, machine.id, machine.domain_id));
  const Context patient = ctx.within(patience);
  for (;;) {
    // An address that nobody has yet swallows the first packets: ask anew rather than wait long.
    auto socket = sys::Socket::connect_tcp(patient.within(one_try), machine.host, machine.port);
    if (socket.ok()) {
      auto stream = sys::start_tls(patient, std::move(*socket), *tls, machine_name);
      if (stream.ok()) {
        TRY((*stream)->write(patient, to_text(request()) + "\n"));
        return Conversation(std::move(*stream));
      }
      if (stream.error().what.find("handshake failed") != std::string::npos) return stream.error();
    }
    TRY(ctx.check());
    if (patient.deadline.passed()) {
      Error late =
          make_error(ErrorId::node_failed, "The machine '" + machine.id.name + "' does not answer at " + machine.host);
      if (!socket.ok()) late.trail.push_back(socket.error().what);
      return late;
    }
    TRY(ctx.pause(std::chrono::milliseconds(20)));
  }
}

}  // namespace skiff::drivers::libvirt
