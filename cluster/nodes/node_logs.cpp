// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/node_logs.h"

#include <algorithm>

#include "base/strings.h"
#include "cluster/nodes/node_access.h"

namespace skiff::cluster {
namespace {

using Sink = std::function<void(std::string_view)>;

// A service's log is a folder of files that are rotated; the link beside it names the current one. (In nodes of an
// image of before that, it is one file.)
constexpr auto last_lines =
    R"(cd /var/log; for old in "$1"/@*; do [ ! -e "$old" ] || set -- "$@" "$old"; done
service=$1 lines=$2; shift 2; exec cat "$@" "$service.log" | tail -n "$lines")";

// By name, as files are rotated. Nobody ends a command in a node whose caller has gone, so it ends with its standard
// input: cat, for which tail looks, takes the shell's place.
constexpr auto all_lines =
    R"(cd /var/log; lines=$1; shift; tail -q -n "$lines" --pid=$$ -F "$@" 2>/dev/null & exec cat >/dev/null)";
constexpr auto all_lines_with_names =
    R"(cd /var/log; lines=$1; shift; tail -n "$lines" --pid=$$ -F "$@" 2>/dev/null & exec cat >/dev/null)";

constexpr std::string_view heading_begin = "==> ";
constexpr std::string_view heading_end = " <==";

std::string heading(const std::string& service) {
  return std::string(heading_begin) + service + std::string(heading_end) + "\n";
}

// Lines of text that comes in pieces, cut anywhere.
class Lines {
 public:
  explicit Lines(Sink each) : each_(std::move(each)) {}
  void feed(std::string_view piece) {
    rest_ += piece;
    std::size_t begin = 0;
    for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', begin)) {
      each_(std::string_view(rest_).substr(begin, end - begin));
      begin = end + 1;
    }
    rest_.erase(0, begin);
  }

 private:
  Sink each_;
  std::string rest_;
};

// Passes on what tail writes: its headings with the services' names in place of files', and, when only problems are
// wanted, nothing else than those, each service's below its name.
class Followed {
 public:
  Followed(const LogOptions& options, const Sink& out)
      : problems_(options.problems),
        service_(options.service),
        out_(out),
        lines_([this](std::string_view line) { take(line); }) {}
  void feed(std::string_view piece) { lines_.feed(piece); }

 private:
  void take(std::string_view line) {
    constexpr std::string_view ending = ".log <==";
    if (line.starts_with(heading_begin) && line.ends_with(ending)) {
      service_ = line.substr(heading_begin.size(), line.size() - heading_begin.size() - ending.size());
      owed_ = heading(service_);
      return;
    }
    if (problems_ ? !is_problem(service_, line) : line.empty()) return;
    out_(std::exchange(owed_, {}) + std::string(line) + "\n");
  }

  bool problems_;
  std::string service_;
  std::string owed_;
  const Sink& out_;
  Lines lines_;
};

std::string only_problems(const std::string& service, const std::string& text) {
  std::string out;
  for (const auto& line : split(text, '\n')) {
    if (is_problem(service, line)) out += line + "\n";
  }
  return out;
}

// Those that the options ask for.
Result<std::vector<std::string>> services_of(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                                             const std::string& wanted) {
  const auto listed = TRY(capture(ctx, driver, id, {"ls", "/var/log"}));
  std::vector<std::string> known;
  for (const auto& file : split(trim(listed.out), '\n')) {
    if (file.ends_with(".log")) known.push_back(file.substr(0, file.size() - 4));
  }
  if (wanted.empty()) return known;
  if (std::ranges::find(known, wanted) != known.end()) return std::vector{wanted};
  return make_error(ErrorId::usage,
                    "The node " + id.name + " has no service '" + wanted + "'" + did_you_mean(wanted, known));
}

Result<void> follow(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& id,
                    const std::vector<std::string>& services, const LogOptions& options, const Sink& out) {
  Followed followed(options, out);
  drivers::ExecRequest request;
  request.argv = {"sh", "-c", options.service.empty() ? all_lines_with_names : all_lines, "sh",
                  std::to_string(options.lines)};
  for (const auto& service : services) request.argv.push_back(service + ".log");
  request.in = [](const Context& c) -> Result<std::string> {
    for (;;) TRY(c.pause(std::chrono::hours(1), ErrorId::interrupted));
  };
  request.out = [&](std::string_view piece) { followed.feed(piece); };
  TRY(driver.exec(ctx, id, request));
  return make_error(ErrorId::cluster_not_running, "The node " + id.name + " has ended",
                    "Start it with 'skiff start -p " + id.cluster.name + "'");
}

}  // namespace

Result<void> logs(const Context& ctx, const Home& home, const std::string& profile, const LogOptions& options,
                  const Sink& out) {
  const auto opened = TRY(open_profile(home, profile));
  const auto id = TRY(find_node(ctx, opened, options.node));
  const auto services = TRY(services_of(ctx, *opened.driver, id, options.service));
  if (options.follow) return follow(ctx, *opened.driver, id, services, options, out);
  if (options.service.empty() && !options.problems) {
    out(heading("kernel") + TRY(capture(ctx, *opened.driver, id, {"uname", "-a"})).out);
  }
  for (const auto& service : services) {
    const auto tail =
        TRY(capture(ctx, *opened.driver, id, {"sh", "-c", last_lines, "sh", service, std::to_string(options.lines)}));
    const std::string text = options.problems ? only_problems(service, tail.out) : tail.out;
    if (options.problems && text.empty()) continue;
    out((options.service.empty() ? heading(service) : "") + text);
  }
  return {};
}

}  // namespace skiff::cluster
