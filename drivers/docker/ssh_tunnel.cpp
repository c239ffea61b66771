// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/ssh_tunnel.h"

#include <unistd.h>

#include <vector>

#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/net/socket_stream.h"
#include "sys/process.h"

namespace skiff::drivers::docker {

namespace {

constexpr std::string_view scheme = "ssh://";
constexpr std::string_view usual_socket = "/var/run/docker.sock";
constexpr const char* seconds_idle = "60";
constexpr Duration patience = std::chrono::seconds(30);  // for a connection, logging in included

// By which other ssh processes speak to the one that carries the tunnel.
std::string control_of(const SshTunnel& tunnel) { return tunnel.socket + ".control"; }

// ssh replaces "%h" and the like in the names of control sockets.
std::string control_option(const SshTunnel& tunnel) {
  return "ControlPath=" + replace_all(control_of(tunnel), "%", "%%");
}

Error not_reached(const SshTunnel& tunnel, const std::string& words) {
  const auto says = [&](std::string_view phrase) { return words.find(phrase) != std::string::npos; };
  std::string advice = "See what 'ssh " + tunnel.destination + "' says";
  if (says("HOST IDENTIFICATION HAS CHANGED")) {
    advice =
        "Find out why its key is another one. Where the machine was made anew, forget the old key with 'ssh-keygen "
        "-R " +
        tunnel.host + "'";
  } else if (says("Host key verification failed")) {
    advice = "Connect once with 'ssh " + tunnel.destination + "', and accept its key if it is the right one";
  } else if (says("Permission denied")) {
    advice = "'ssh " + tunnel.destination + "' must work without a question: give the key to ssh-agent with 'ssh-add'";
  }
  Error error = make_error(ErrorId::docker_not_running, "ssh does not get to " + tunnel.destination, advice);
  for (const auto& line : split(words, '\n')) {
    if (const auto said = trim(line); !said.empty() && !said.starts_with('@')) error.trail.emplace_back(said);
  }
  return error;
}

Result<sys::Output> run_ssh(const Context& ctx, const SshTunnel& tunnel, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"ssh", "-o", "BatchMode=yes", "-o", control_option(tunnel)});
  return sys::run(ctx, {.argv = std::move(arguments)});
}

}  // namespace

Result<SshTunnel> ssh_tunnel(const std::string& url) {
  const auto slash = url.find('/', scheme.size());
  SshTunnel tunnel;
  tunnel.destination = url.substr(0, slash);
  if (slash != std::string::npos && slash + 1 < url.size()) tunnel.engine_socket = url.substr(slash);
  if (tunnel.engine_socket.empty()) tunnel.engine_socket = usual_socket;
  tunnel.socket = sys::skiff_home() + "/ssh/" + sys::sha256_hex(url).substr(0, 16);

  NoEvents nobody;
  const Context ctx{{}, Deadline::in(patience), &nobody};
  const auto asked = TRY(sys::run(ctx, {.argv = {"ssh", "-G", "--", tunnel.destination}}));
  for (const auto& line : split(asked.out, '\n')) {
    constexpr std::string_view key = "hostname ";
    if (line.starts_with(key)) tunnel.host = line.substr(key.size());
  }
  if (asked.exit_code == 0 && !tunnel.host.empty()) return tunnel;
  return make_error(ErrorId::config_invalid, "'" + url + "' is not a Docker endpoint",
                    "Use ssh://USER@HOST, with ':PORT' and '/path/of/socket' where they are others than usual");
}

Result<void> open(const Context& ctx, const SshTunnel& tunnel) {
  TRY(sys::make_folders(tunnel.socket.substr(0, tunnel.socket.rfind('/'))));
  const auto lock = TRY(sys::Lock::acquire(ctx, tunnel.socket + ".lock", [] {}));
  if (sys::Socket::connect_unix(ctx, tunnel.socket).ok()) return {};  // somebody was faster
  ::unlink(tunnel.socket.c_str());                                    // of an ssh that was killed
  ::unlink(control_of(tunnel).c_str());
  // ssh listens before it goes to the background. Of other forwards, of the user's configuration, it may fail to make
  // some.
  const auto started = TRY(
      run_ssh(ctx.within(patience), tunnel,
              {"-f", "-N", "-M", "-o", std::string("ControlPersist=") + seconds_idle, "-o", "ServerAliveInterval=15",
               "-L", tunnel.socket + ":" + tunnel.engine_socket, "--", tunnel.destination}));
  if (started.exit_code == 0 && sys::Socket::connect_unix(ctx, tunnel.socket).ok()) return {};
  return not_reached(tunnel, started.err);
}

Result<std::string> address_there(const Context& ctx, const SshTunnel& tunnel) {
  const auto said = TRY(run_ssh(ctx.within(patience), tunnel, {"--", tunnel.destination, "echo $SSH_CONNECTION"}));
  // Whatever a login says before it, the last line is: client's address and port, server's address and port (sshd(8)).
  const std::string_view text = trim(said.out);
  const auto words = split(text.substr(text.rfind('\n') + 1), ' ');
  if (said.exit_code == 0 && words.size() == 4) return words[2];
  return not_reached(tunnel, said.err.empty() ? said.out : said.err);
}

}  // namespace skiff::drivers::docker
