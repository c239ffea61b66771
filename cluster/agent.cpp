#include "cluster/agent.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <future>
#include <stop_token>
#include <thread>

#include "net/agent.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

std::string state_folder(const Services& services, const std::string& profile) {
  return services.store.folder(profile) + "/state";
}

std::string forwards_file(const std::string& folder) { return folder + "/forwards.json"; }

net::AgentProgram program(const Services& services, const std::string& profile) {
  const std::string home = std::filesystem::absolute(services.store.home()).string();
  return {.argv = {sys::executable(), "__agent", "-p", profile}, .env = {{"SKIFF_HOME", home}}};
}

std::vector<PortForward> saved_forwards(const std::string& folder) {
  const auto text = sys::read_file(forwards_file(folder));
  const auto saved = text.ok() ? parse_json(*text) : Result<Json>(Json());
  return saved.ok() ? read_forwards(*saved) : std::vector<PortForward>();
}

Json service_keys(const std::vector<ServiceKey>& keys) {
  JsonArray array;
  for (const auto& key : keys) array.push_back(JsonObject{{"namespace", key.ns}, {"service", key.name}});
  return array;
}

// A tunnel on a thread of its own.
class DetachedTunnel {
 public:
  DetachedTunnel(const Services& services, TunnelRequest request, Events& events)
      : request_(std::move(request)), thread_([this, &services, &events](const std::stop_token& stop) {
          auto ended = run_tunnel({stop, Deadline::never(), &events}, services, request_, [this] { set({}); });
          if (!ended.ok()) sys::log::warn(ended.error().what);
          set(std::move(ended));
          running_ = false;
        }) {}

  // Until it serves, or has ended early.
  Result<void> await_serving(const Context& ctx) {
    if (serving_.get_future().wait_for(ctx.deadline.left()) == std::future_status::ready) return outcome_;
    return make_error(ErrorId::timeout, "The tunnel does not come up");
  }
  bool running() const { return running_; }

 private:
  void set(Result<void> outcome) {
    if (std::exchange(set_, true)) return;
    outcome_ = std::move(outcome);
    serving_.set_value();
  }

  TunnelRequest request_;
  Result<void> outcome_;  // written before serving_ is set, read afterwards
  bool set_ = false;      // of the thread only
  std::promise<void> serving_;
  std::atomic<bool> running_ = true;
  std::jthread thread_;
};

class Agent {
 public:
  Agent(const Services& services, std::string profile, std::string folder)
      : services_(services), profile_(std::move(profile)), folder_(std::move(folder)) {}

  // It ends when there is nothing left to hold.
  net::AgentReply answer(const Context& ctx, const Json& request) {
    if (auto begun = begin(ctx); !begun.ok()) return {std::move(begun).error(), true};
    auto body = act(ctx, text_at(request, "verb"), request);
    const bool idle = forwards_->all().empty() && !has_tunnel();
    return {std::move(body), idle};
  }

 private:
  Result<Json> act(const Context& ctx, const std::string& verb, const Json& request) {
    if (verb == "hold") return hold(ctx, read_forwards(request.at("forwards")));
    if (verb == "release") return release(request);
    if (verb == "list") return to_json(forwards_->all());
    if (verb == "tunnel") return run(ctx, request);
    if (verb == "end tunnel") {
      const bool ran = has_tunnel();
      tunnel_.reset();
      return Json(ran);
    }
    return make_error(ErrorId::usage, "The agent does not know '" + verb + "'");
  }

  // What an agent that crashed has left is taken up again.
  Result<void> begin(const Context& ctx) {
    if (forwards_) return {};
    forwards_ = TRY(ServiceForwards::start(ctx, services_, profile_));
    for (const auto& each : saved_forwards(folder_)) {
      if (const auto held = forwards_->add(ctx, {each}); !held.ok()) sys::log::warn(held.error().what);
    }
    return {};
  }
  bool has_tunnel() const { return tunnel_ && tunnel_->running(); }
  Result<void> save() { return sys::write_atomic(forwards_file(folder_), to_text(to_json(forwards_->all()))); }

  Result<Json> hold(const Context& ctx, const std::vector<PortForward>& wanted) {
    const auto held = TRY(forwards_->add(ctx, wanted));
    TRY(save());
    return to_json(held);
  }
  Result<Json> release(const Json& request) {
    std::vector<ServiceKey> of;
    for (const auto& each : array_at(request, "of"))
      of.push_back({text_at(each, "namespace"), text_at(each, "service")});
    const auto released = forwards_->close(of);
    TRY(save());
    return to_json(released);
  }
  Result<Json> run(const Context& ctx, const Json& request) {
    if (has_tunnel()) {
      return make_error(ErrorId::tunnel_conflict, "The profile '" + profile_ + "' has a tunnel already");
    }
    TunnelRequest wanted{profile_, text_at(request, "hostsFile"), {}};
    for (const auto& word : array_at(request, "helper")) wanted.helper.emplace_back(word.as_string().c_str());
    tunnel_ = std::make_unique<DetachedTunnel>(services_, std::move(wanted), *ctx.events);
    if (auto serving = tunnel_->await_serving(ctx); !serving.ok()) {
      tunnel_.reset();
      return std::move(serving).error();
    }
    return Json(true);
  }

  const Services& services_;
  std::string profile_;
  std::string folder_;
  std::unique_ptr<ServiceForwards> forwards_;  // set by begin()
  std::unique_ptr<DetachedTunnel> tunnel_;
};

}  // namespace

Result<std::vector<PortForward>> hold_forwards(const Context& ctx, const Services& services, const std::string& profile,
                                               const std::vector<PortForward>& wanted) {
  const JsonObject request{{"verb", "hold"}, {"forwards", to_json(wanted)}};
  return read_forwards(TRY(net::ask_agent(ctx, state_folder(services, profile), program(services, profile), request)));
}

Result<std::vector<PortForward>> held_forwards(const Context& ctx, const Services& services,
                                               const std::string& profile) {
  const auto held = TRY(net::ask_running_agent(ctx, state_folder(services, profile), JsonObject{{"verb", "list"}}));
  return held ? read_forwards(*held) : std::vector<PortForward>();
}

Result<std::vector<PortForward>> release_forwards(const Context& ctx, const Services& services,
                                                  const std::string& profile, const std::vector<ServiceKey>& of) {
  const JsonObject request{{"verb", "release"}, {"of", service_keys(of)}};
  const auto released = TRY(net::ask_running_agent(ctx, state_folder(services, profile), request));
  return released ? read_forwards(*released) : std::vector<PortForward>();
}

Result<void> detach_tunnel(const Context& ctx, const Services& services, const TunnelRequest& request) {
  const JsonObject ask{{"verb", "tunnel"},
                       {"hostsFile", request.hosts_file},
                       {"helper", JsonArray(request.helper.begin(), request.helper.end())}};
  TRY(net::ask_agent(ctx, state_folder(services, request.profile), program(services, request.profile), ask));
  return {};
}

Result<bool> end_tunnel(const Context& ctx, const Services& services, const std::string& profile) {
  const Context limited = ctx.within(std::chrono::seconds(20));
  const auto process = tunnel_status(services, profile).process;
  if (!process) return false;
  if (process == net::running_agent(state_folder(services, profile))) {
    const auto ended =
        TRY(net::ask_running_agent(limited, state_folder(services, profile), JsonObject{{"verb", "end tunnel"}}));
    return ended && *ended == Json(true);
  }
  net::send_signal(*process, SIGTERM);
  TRY(net::wait_for_end(limited, *process));
  return true;
}

Result<void> end_agent(const Context& ctx, const Services& services, const std::string& profile) {
  const std::string folder = state_folder(services, profile);
  TRY(net::stop_agent(ctx, folder));
  ::unlink(forwards_file(folder).c_str());
  return {};
}

Result<void> run_agent(const Context& ctx, const Services& services, const std::string& profile) {
  const std::string folder = state_folder(services, profile);
  auto server = TRY(net::AgentServer::start(net::UniqueFd(STDIN_FILENO), folder));
  std::stop_source end;
  const std::stop_callback told(ctx.stop, [&] { end.request_stop(); });
  const std::jthread watcher([&](const std::stop_token& stop) {
    const Context until{stop, Deadline::never(), ctx.events};
    while (until.pause(std::chrono::seconds(1)).ok()) {
      if (!sys::exists(folder)) end.request_stop();
    }
  });
  Agent agent(services, profile, folder);
  server.serve({end.get_token(), Deadline::never(), ctx.events},
               [&](const Context& c, const net::AgentRequest& request) { return agent.answer(c, request.body); });
  return {};
}

}  // namespace skiff::cluster
