// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cluster/nodes/node_access.h"
#include "cluster/reach/agent.h"
#include "net/hosts/hosts_file.h"
#include "net/hosts/local_names.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

// Services of a cluster are for this machine alone.
Result<std::optional<Ipv4>> bind_address(const Args& args) {
  const auto text = args.text("bind-address");
  if (!text) return std::optional<Ipv4>();
  constexpr Cidr loopback{{0x7F000000}, 8};
  const auto address = parse_ipv4(*text);
  if (address.ok() && loopback.contains(*address)) return std::optional(*address);
  return make_error(ErrorId::unsupported, "A tunnel has addresses of 127.0.0.0/8, and '" + *text + "' is none",
                    "For other machines, 'skiff service NAME --bind-address " + (text->empty() ? "0.0.0.0" : *text) +
                        "' serves one service at any address");
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  TRY(cluster::open_running(session.ctx, session.home, profile));
  const std::string hosts_file = args.text("hosts-file").value_or(net::system_hosts_file);
  if (!hosts_file.starts_with('/')) return make_error(ErrorId::usage, "--hosts-file must be an absolute path");
  if (!args.has("no-hosts")) TRY(sys::read_file_if_there(hosts_file));
  const cluster::TunnelRequest request{.profile = profile,
                                       .hosts_file = args.has("no-hosts") ? "" : hosts_file,
                                       .allowed_hosts = args.list("allow-host"),
                                       .address = TRY(bind_address(args))};
  for (const auto& pattern : request.allowed_hosts) TRY(net::check_host_pattern(pattern));
  if (args.has("detach")) {
    TRY(cluster::detach_tunnel(session.ctx, session.home, request));
    return Answer{.message = "The tunnel runs in the background. 'skiff tunnel stop -p " + profile + "' ends it.",
                  .data = {{"profile", profile}}};
  }
  TRY(cluster::run_tunnel(session.ctx, session.home, request,
                          [&] { session.ctx.events->note("The tunnel runs until Ctrl-C"); }));
  return Answer{.message = "The tunnel has ended", .data = {{"profile", profile}}};
}

}  // namespace

Command tunnel_command() {
  return {
      .name = "tunnel",
      .group = Group::applications,
      .summary = "Give LoadBalancer services and Ingress hosts addresses on localhost",
      .help =
          "Every LoadBalancer service gets a localhost address as its EXTERNAL-IP, 127.0.0.1 as long as its ports are\n"
          "free there. Ingress hosts are served on 80 and 443; those whose names cannot be anybody's on the Internet\n"
          "(.test, .example, .localhost, .local, ...) are written to the hosts file, others with --allow-host. All of\n"
          "it ends with Ctrl-C. Where a port below 1024 or /etc/hosts needs root, a small helper asks for it with\n"
          "sudo, also before --detach goes to the background. docs/tunnel.md has the sudoers rule that is enough.\n\n"
          "Examples\n"
          "  skiff tunnel\n"
          "  skiff tunnel --detach          in the background, until 'skiff tunnel stop'\n"
          "  skiff tunnel --allow-host '*.nip.io' --allow-host shop.mycompany.com\n"
          "  skiff tunnel --no-hosts -p lab",
      .flags = {{"bind-address", 0, "ADDRESS",
                 "the address of every service that asks for none, of 127.0.0.0/8 (default: the first that fits)"},
                {"detach", 'd', "", "run in the background, until 'skiff tunnel stop'"},
                {"allow-host", 0, "PATTERN",
                 "also map this Ingress host, or those below it ('*.corp.com'); repeatable"},
                {"hosts-file", 0, "FILE", "the hosts file for Ingress hosts (default: /etc/hosts)"},
                {"no-hosts", 0, "", "leave the hosts file alone"}},
      .run = run,
  };
}

}  // namespace skiff::cli
