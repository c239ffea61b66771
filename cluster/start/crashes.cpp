// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/crashes.h"

#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/start/inotify.h"

namespace skiff::cluster {
namespace {

// The supervisor keeps a tally of deaths since the node began. Two may come from a start in disorder. A program that
// does not know a flag prints all that it knows, so the words are looked for.
constexpr auto find_crashes = R"sh(cd /run/service || exit
for service in *; do
  [ "$(s6-svdt "$service" | wc -l)" -ge 3 ] || continue
  echo "=$service"
  log=/var/log/$service.log
  words=$(tail -n 1000 "$log" | grep -aE '^[EF][0-9]{4} |^[Ee]rror|^panic: |"fatal"|command failed|too many open files' | tail -n 1)
  echo "${words:-$(tail -n 3 "$log")}"
done)sh";

constexpr auto between_looks = std::chrono::seconds(1);

bool lacks_inotify(const std::string& words) { return words.find("too many open files") != std::string::npos; }

std::string advice_on(const Crash& crash, const ClusterSpec& spec) {
  if (lacks_inotify(crash.words)) return "Raise the host's limit: " + inotify_advice(node_count(spec));
  if (sets_components(spec.kubernetes)) {
    return "Look at --extra-config and --feature-gates: they replace the profile's, and --extra-config= takes all away";
  }
  return {};
}

std::string told(const Crash& crash) {
  return crash.service + " ends again and again on " + crash.node + "; its last words: " + crash.words;
}

Error as_error(const Crash& crash, const ClusterSpec& spec) {
  Error error = make_error(ErrorId::node_failed, told(crash));
  if (const auto advice = advice_on(crash, spec); !advice.empty()) error.advice = advice;
  return error;
}

Result<void> watch_services(const Context& ctx, const Cluster& cluster) {
  while (ctx.pause(between_looks).ok()) {
    for (const auto& node : names_of(cluster.spec)) {
      const auto crashes = crashes_on(ctx, *cluster.driver, cluster.node(node.name));
      if (!crashes.empty()) return as_error(crashes.front(), cluster.spec);
    }
  }
  return {};
}

}  // namespace

std::vector<Crash> parse_crashes(const std::string& node, std::string_view text) {
  std::vector<Crash> crashes;
  for (const auto& line : split(trim(text), '\n')) {
    if (line.starts_with('=')) {
      crashes.push_back({node, line.substr(1), {}});
    } else if (!crashes.empty()) {
      std::string& words = crashes.back().words;
      words += (words.empty() ? "" : "\n") + line;
    }
  }
  return crashes;
}

std::vector<Crash> crashes_on(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node) {
  const auto found = capture(ctx, driver, node, {"sh", "-c", find_crashes});
  return found.ok() && found->exit_code == 0 ? parse_crashes(node.name, found->out) : std::vector<Crash>();
}

Result<void> unless_services_crash(const Context& ctx, const Cluster& cluster,
                                   const std::function<Result<void>(const Context&)>& work) {
  std::stop_source done;
  return parallel(ctx, {[&](const Context& c) {
                          auto result = work(c);
                          done.request_stop();
                          return result;
                        },
                        [&](const Context& c) {
                          const std::stop_callback others_failed(c.stop, [&] { done.request_stop(); });
                          return watch_services({done.get_token(), c.deadline, c.events}, cluster);
                        }});
}

Error with_crashes(const Context& ctx, const Cluster& cluster, Error error) {
  for (const auto& node : names_of(cluster.spec)) {
    for (const auto& crash : crashes_on(ctx, *cluster.driver, cluster.node(node.name))) {
      if (error.what.starts_with(crash.service)) continue;  // it is what the error tells of
      error.trail.push_back(told(crash));
      if (const auto advice = advice_on(crash, cluster.spec); !advice.empty()) error.advice = advice;
    }
  }
  return error;
}

}  // namespace skiff::cluster
