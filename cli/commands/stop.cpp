// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cluster/lifecycle.h"
#include "cluster/scheduled_stop.h"

namespace skiff::cli {
namespace {

using Profiles = std::vector<std::string>;

// Runs it for each, also after one has failed; the first failure.
template <class Body>
Result<void> for_each(const Session& session, const Profiles& profiles, Body body) {
  Result<void> first;
  for (const auto& profile : profiles) {
    auto done = body(profile);
    if (done.ok()) continue;
    if (profiles.size() > 1) session.ctx.events->warning("'" + profile + "': " + done.error().what);
    if (first.ok()) first = std::move(done);
    TRY(session.ctx.check());
  }
  return first;
}

JsonObject data_of(const Profiles& profiles) {
  JsonObject data{{"profiles", JsonArray(profiles.begin(), profiles.end())}};
  if (profiles.size() == 1) data["profile"] = profiles.front();
  return data;
}

Result<Answer> cancel(const Session& session, const Profiles& profiles) {
  Profiles cancelled;
  TRY(for_each(session, profiles, [&](const std::string& profile) -> Result<void> {
    if (TRY(cluster::cancel_scheduled_stop(session.ctx, session.home, profile))) cancelled.push_back(profile);
    return {};
  }));
  return Answer{.message = cancelled.empty() ? "No stop was scheduled."
                                             : "The scheduled stop is cancelled: " + join(cancelled, ", ") + ".",
                .data = {{"cancelled", JsonArray(cancelled.begin(), cancelled.end())}}};
}

Result<Answer> schedule(const Session& session, const Profiles& profiles, Duration delay, const std::string& text,
                        const cluster::StopOptions& options) {
  TRY(for_each(session, profiles, [&](const std::string& profile) {
    return cluster::schedule_stop(session.ctx, session.home, profile, delay, options);
  }));
  Answer answer{.message = "To be stopped in " + text + ": " + join(profiles, ", ") +
                           ". 'skiff stop --cancel-scheduled' and a start of it cancel that.",
                .data = data_of(profiles)};
  answer.data["scheduled_in_ms"] = delay.count();
  return answer;
}

Result<Answer> stop(const Session& session, const Profiles& profiles, const cluster::StopOptions& options) {
  TRY(for_each(session, profiles,
               [&](const std::string& profile) { return cluster::stop(session.ctx, session.home, profile, options); }));
  Answer answer{.data = data_of(profiles)};
  if (profiles.empty()) {
    answer.message = "There is no cluster.";
  } else if (profiles.size() == 1) {
    answer.message = "Cluster '" + profiles[0] + "' is stopped. 'skiff start -p " + profiles[0] + "' resumes it.";
  } else {
    answer.message = "Stopped: " + join(profiles, ", ") + ".";
  }
  return answer;
}

Result<Answer> run(Session& session, const Args& args) {
  const auto delay = TRY(args.duration("schedule"));
  if (delay && args.has("cancel-scheduled")) {
    return make_error(ErrorId::usage, "--schedule and --cancel-scheduled exclude each other", "Leave one of them out");
  }
  const Profiles profiles = args.has("all") ? session.home.store.names() : Profiles{TRY(session.profile())};
  const cluster::StopOptions options{args.has("keep-memory"), args.has("keep-context-active")};
  if (args.has("cancel-scheduled")) return cancel(session, profiles);
  if (delay) return schedule(session, profiles, *delay, args.text("schedule").value_or(""), options);
  return stop(session, profiles, options);
}

}  // namespace

Command stop_command() {
  return {
      .name = "stop",
      .group = Group::cluster,
      .summary = "Stop a cluster and keep everything in it",
      .help =
          "Examples\n"
          "  skiff stop -p lab\n"
          "  skiff stop -p lab --schedule 30m  a process in the background does it then\n"
          "  skiff stop -p lab --keep-memory   virtual machines: the next start goes on where this left off",
      .flags = {{"all", 0, "", "stop every cluster of this home"},
                {"schedule", 0, "TIME", "not now but later, such as 30m; takes the place of what was scheduled before"},
                {"cancel-scheduled", 0, "", "forget what was scheduled, and stop nothing"},
                {"keep-context-active", 0, "", "leave kubectl's current context alone"},
                {"keep-memory", 0, "", "keep the nodes' memory on disk (driver libvirt)"}},
      .run = run,
  };
}

}  // namespace skiff::cli
