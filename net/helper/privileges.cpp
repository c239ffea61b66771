// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/strings.h"
#include "net/helper/privileged_helper.h"
#include "net/listen.h"
#include "net/os_error.h"
#include "net/spawn.h"
#include "sys/files.h"
#include "sys/process.h"

namespace skiff::net {
namespace {

constexpr const char* advice_without_sudo =
    "Run the command as a user who may use sudo, or do without: 'sysctl net.ipv4.ip_unprivileged_port_start=0' as root "
    "opens low ports to everybody, and --no-hosts leaves the hosts file alone";

// What a child wrote to the descriptor of a memory file.
std::string written_to(int fd) {
  std::string text(4096, '\0');
  const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(trim(text));
}

Error refused(std::string_view purpose, const Privileges::Refusal& refusal) {
  Error error =
      make_error(ErrorId::permission, std::string(purpose) + " needs root, and " + refusal.why, advice_without_sudo);
  if (!refusal.sudo_said.empty()) error.trail.push_back(refusal.sudo_said);
  return error;
}

Result<LineSocket::Line> exchange(const Context& ctx, LineSocket& helper, const std::string& lines) {
  TRY(helper.send(ctx, lines));
  auto reply = TRY(helper.receive(ctx));
  if (reply) return std::move(*reply);
  return make_error(ErrorId::host_error, "The privileged helper has ended");
}

}  // namespace

Result<sys::UniqueFd> Privileges::bind(const Context& ctx, const ListenPoint& point) {
  if (options_.rights.root || options_.rights.may_bind(point.port)) return bind_socket(point);
  return ask(ctx, BindRequest{point}, "Listening on " + to_string(point));
}

Result<std::vector<HostsConflict>> Privileges::set_hosts(const Context& ctx, std::string_view block,
                                                         const std::vector<HostsEntry>& entries) {
  const std::string& file = options_.hosts_file;
  const std::string text = TRY(sys::read_file_if_there(file)).value_or("");
  auto edit = set_hosts_block(text, block, entries);
  if (edit.text == text) return std::move(edit.conflicts);
  if (options_.rights.root || may_write_hosts_file(file)) return update_hosts_file(ctx, file, block, entries);
  if (file != system_hosts_file) {
    return make_error(ErrorId::permission,
                      "Editing " + file + " needs root, and the helper edits " + system_hosts_file + " alone");
  }
  TRY(ask(ctx, HostsRequest{std::string(block), entries}, "Editing " + file));
  return std::move(edit.conflicts);
}

Result<void> Privileges::clear_hosts(const Context& ctx, std::string_view block) {
  if (auto cleared = set_hosts(ctx, block, {}); !cleared.ok()) return std::move(cleared).error();
  return {};
}

Result<void> Privileges::start_helper(const Context& ctx, std::string_view purpose) {
  const std::lock_guard lock(mutex_);
  return start(ctx, purpose);
}

sys::UniqueFd Privileges::hand_over() {
  const std::lock_guard lock(mutex_);
  sys::UniqueFd connection = helper_ ? helper_->release() : sys::UniqueFd();
  helper_.reset();
  return connection;
}

void Privileges::take_over(sys::UniqueFd connection) {
  const std::lock_guard lock(mutex_);
  if (connection) helper_ = std::make_unique<LineSocket>(std::move(connection), helper_longest_line);
}

Result<void> Privileges::start(const Context& ctx, std::string_view purpose) {
  if (helper_) return {};
  const auto refuse = [&](std::string why, std::string sudo_said = {}) {
    refusal_ = Refusal{std::move(why), std::move(sudo_said)};
    return refused(purpose, *refusal_);
  };
  if (refusal_) return refused(purpose, *refusal_);
  if (sys::find_program("sudo").empty()) return refuse("sudo is not installed");

  // sudo asks on the terminal, never on its standard streams.
  const bool can_ask = bool(sys::UniqueFd(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)));
  if (can_ask) ctx.events->note(std::string(purpose) + " needs root: sudo may ask for your password");
  std::vector<std::string> argv = {"sudo", "--"};
  if (!can_ask) argv.insert(argv.begin() + 1, "-n");
  argv.insert(argv.end(), options_.helper.begin(), options_.helper.end());

  auto pair = TRY(make_socket_pair());
  const sys::UniqueFd said(::memfd_create("sudo", MFD_CLOEXEC));
  const pid_t sudo =
      TRY(spawn_child({.argv = argv, .env = {}, .in = pair.theirs.get(), .err = can_ask ? STDERR_FILENO : said.get()}));
  pair.theirs.reset();
  auto connection = std::make_unique<LineSocket>(std::move(pair.ours), helper_longest_line);
  const auto first = TRY(connection->receive(ctx));
  const int exit_code = wait_for_child(sudo);
  if (!first || first->text != helper_ready) {
    return refuse(exit_code == 0 ? "the privileged helper did not start" : "sudo did not allow it",
                  written_to(said.get()));
  }
  helper_ = std::move(connection);
  return {};
}

Result<sys::UniqueFd> Privileges::ask(const Context& ctx, const HelperRequest& request, std::string_view purpose) {
  const std::lock_guard lock(mutex_);
  TRY(start(ctx, purpose));
  auto reply = exchange(ctx, *helper_, to_lines(request));
  if (!reply.ok()) {
    helper_.reset();  // a late answer to this request must not be taken for the next one's
    return std::move(reply).error();
  }
  TRY(parse_reply(reply->text));
  return std::move(reply->descriptor);
}

}  // namespace skiff::net
