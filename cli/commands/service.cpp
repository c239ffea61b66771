// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "base/strings.h"
#include "cli/command.h"
#include "cluster/reach/expose.h"
#include "sys/process.h"

namespace skiff::cli {
namespace {

using cluster::PortForward;

constexpr Duration longest_opening = std::chrono::seconds(20);  // xdg-open returns once the browser has the address

Result<std::uint16_t> local_port(const Args& args) {
  const auto port = TRY(args.integer("local-port"));
  if (!port) return std::uint16_t{0};
  if (*port < 1 || *port > 65535) return make_error(ErrorId::usage, "--local-port must be 1 to 65535");
  return static_cast<std::uint16_t>(*port);
}

// Empty: the default.
Result<std::string> url_format(const Args& args) {
  std::string format = args.text("format").value_or("");
  if (args.has("https") && format.empty()) format = cluster::default_url_format;
  if (args.has("https") && format.starts_with("http:")) format.replace(0, 4, "https");
  if (args.text("format") || !format.empty()) TRY(cluster::local_url(format, net::localhost, 1, ""));
  return format;
}

Result<std::optional<Ipv4>> bind_address(const Args& args) {
  const auto text = args.text("bind-address");
  if (!text) return std::optional<Ipv4>();
  const auto address = parse_ipv4(*text);
  if (!address.ok()) return make_error(ErrorId::usage, "--bind-address must be an IPv4 address of this host");
  return std::optional(*address);
}

struct Urls {
  std::vector<std::string> urls;
  JsonArray data;
  std::string text() const { return join(urls, "\n") + "\n"; }
};
Result<Urls> urls_of(const std::vector<PortForward>& forwards, const std::string& format) {
  Urls result;
  for (const auto& forward : forwards) {
    result.urls.push_back(TRY(cluster::url_of(forward, format)));
    result.data.push_back(JsonObject{{"namespace", forward.service.ns},
                                     {"service", forward.service.name},
                                     {"port", forward.port},
                                     {"url", result.urls.back()}});
  }
  return result;
}

// Says so when there is no browser. That none opens is no failure: the address is there.
std::string open_in_browser(const Context& ctx, const std::vector<std::string>& urls) {
  const auto browser = sys::find_program("xdg-open");
  if (browser.empty()) return "There is no xdg-open here: open the address in a browser yourself.";
  for (const auto& url : urls) {
    if (url.starts_with("udp:")) continue;
    const auto opened = sys::run_checked(ctx.within(longest_opening), {.argv = {browser, url}});
    if (!opened.ok()) return "xdg-open shows no browser: open the address in one yourself.";
  }
  return {};
}

Result<cluster::Exposure> exposure_of(Session& session, const Args& args) {
  if (args.has("all") != args.words.empty()) {
    return make_error(ErrorId::usage, "Name the services, or use --all", "See 'skiff service --help'");
  }
  return cluster::Exposure{.profile = TRY(session.profile()),
                           .ns = args.text("namespace").value_or("default"),
                           .names = args.words,
                           .local_port = TRY(local_port(args)),
                           .address = TRY(bind_address(args)),
                           .wait = TRY(args.duration("wait")).value_or(Duration::zero())};
}

Result<Answer> hold_here(Session& session, const cluster::Exposure& wanted, const Args& args,
                         const std::string& format) {
  const auto exposed = TRY(cluster::expose_here(session.ctx, session.home, wanted));
  const Urls urls = TRY(urls_of(exposed.held, format));
  if (session.json) {
    for (const auto& url : urls.urls) session.ctx.events->note(url);
  } else {
    session.out << urls.text() << std::flush;
  }
  if (!args.has("url")) {
    if (const auto trouble = open_in_browser(session.ctx, urls.urls); !trouble.empty()) {
      session.ctx.events->note(trouble);
    }
  }
  session.ctx.events->note("Forwarding until Ctrl-C");
  while (session.ctx.pause(std::chrono::hours(1)).ok()) {
  }
  return Answer{.data = {{"urls", urls.data}}};
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string format = TRY(url_format(args));
  const auto wanted = TRY(exposure_of(session, args));
  if (args.has("foreground")) return hold_here(session, wanted, args, format);
  const Urls urls = TRY(urls_of(TRY(cluster::expose(session.ctx, session.home, wanted)), format));
  Answer answer{.text = urls.text(), .data = {{"urls", urls.data}}};
  if (!args.has("url")) answer.message = open_in_browser(session.ctx, urls.urls);
  return answer;
}

}  // namespace

Command service_command() {
  return {
      .name = "service",
      .group = Group::applications,
      .summary = "Give services an address on localhost, and open it",
      .help =
          "The address answers until 'skiff service stop', or until the cluster is deleted; a stopped cluster's comes\n"
          "back with 'skiff start'.\n\n"
          "Examples\n"
          "  skiff service web --url                print the URL of each port\n"
          "  skiff service web --foreground         forward in this terminal, until Ctrl-C\n"
          "  skiff service web --wait 60s --url     wait for it to be there and ready\n"
          "  skiff service --all -n shop --url      every service of a namespace",
      .positionals = {"NAME...", 0, any_number},
      .flags = {{"url", 0, "", "print the URLs and do not open a browser"},
                {"namespace", 'n', "NAMESPACE", "where the services are (default: default)"},
                {"all", 0, "", "every service of the namespace"},
                {"local-port", 0, "PORT", "the port on localhost (default: a free one)"},
                {"bind-address", 0, "ADDRESS", "the address of this host (default: 127.0.0.1, and ::1)"},
                {"format", 0, "TEMPLATE",
                 "how URLs are written, of {{.IP}}, {{.Port}} and {{.Name}} (default: http://{{.IP}}:{{.Port}}, "
                 "https:// for a port that seems to speak it)"},
                {"https", 0, "", "write https:// instead of http://"},
                {"wait", 0, "TIME", "wait so long for the service to exist and to be ready"},
                {"foreground", 0, "", "hold the forward in this terminal instead of the background"}},
      .run = run,
  };
}

}  // namespace skiff::cli
