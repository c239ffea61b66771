// SPDX-License-Identifier: Apache-2.0
#include "cluster/reach/agent.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <future>
#include <stop_token>
#include <thread>

#include "net/agent/agent.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

constexpr Duration longest_answer = std::chrono::minutes(1);

std::string state_folder(const Home& home, const std::string& profile) { return home.store.folder(profile) + "/state"; }

net::AgentProgram program(const Home& home, const std::string& profile) {
  std::error_code ignored;
  const std::string where = std::filesystem::absolute(home.folder(), ignored).string();
  return {.argv = {sys::executable(), "__agent", "-p", profile}, .env = {{"SKIFF_HOME", where}}};
}

// The member of a request that another side has made; null when there is none.
const Json& part_of(const Json& request, std::string_view name) {
  static const Json none;
  const Json* part = find(request, name);
  return part != nullptr ? *part : none;
}

// What the agent holds, as its file remembers it: for the next agent, after a crash or a stop of the cluster.
struct Held {
  std::vector<PortForward> forwards;
  std::optional<TunnelRequest> tunnel;
  bool nothing() const { return forwards.empty() && !tunnel; }
};

std::string held_file(const std::string& folder) { return folder + "/held.json"; }

Json to_json(const TunnelRequest& request) {
  return JsonObject{{"hostsFile", request.hosts_file},
                    {"address", request.address ? to_string(*request.address) : ""},
                    {"allowedHosts", JsonArray(request.allowed_hosts.begin(), request.allowed_hosts.end())}};
}

TunnelRequest read_tunnel_request(const std::string& profile, const Json& json) {
  TunnelRequest request{profile, text_at(json, "hostsFile"), {}, {}};
  if (const auto address = parse_ipv4(text_at(json, "address")); address.ok()) request.address = *address;
  for (const auto& pattern : array_at(json, "allowedHosts")) request.allowed_hosts.push_back(text_at(pattern, ""));
  return request;
}

Held load_held(const Home& home, const std::string& profile) {
  const auto text = sys::read_file(held_file(state_folder(home, profile)));
  const auto saved = text.ok() ? parse_json(*text) : Result<Json>(Json());
  Held held;
  if (!saved.ok()) return held;
  if (const auto* forwards = find(*saved, "forwards")) held.forwards = read_forwards(*forwards);
  if (const auto* tunnel = find(*saved, "tunnel")) held.tunnel = read_tunnel_request(profile, *tunnel);
  return held;
}

Result<void> save_held(const std::string& folder, const Held& held) {
  JsonObject json{{"forwards", to_json(held.forwards)}};
  if (held.tunnel) json["tunnel"] = to_json(*held.tunnel);
  return sys::write_atomic(held_file(folder), to_pretty_text(json));
}

Json service_keys(const std::vector<ServiceKey>& keys) {
  JsonArray array;
  for (const auto& key : keys) array.push_back(JsonObject{{"namespace", key.ns}, {"service", key.name}});
  return array;
}

constexpr const char* tunnel_verb = "tunnel";

// A tunnel on a thread of its own.
class DetachedTunnel {
 public:
  DetachedTunnel(const Home& home, TunnelRequest request, sys::UniqueFd helper, Events& events)
      : request_(std::move(request)),
        helper_(std::move(helper)),
        thread_([this, &home, &events](const std::stop_token& stop) {
          auto ended =
              run_tunnel({stop, Deadline::never(), &events}, home, request_, [this] { set({}); }, std::move(helper_));
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
  const TunnelRequest& request() const { return request_; }

 private:
  void set(Result<void> outcome) {
    if (std::exchange(set_, true)) return;
    outcome_ = std::move(outcome);
    serving_.set_value();
  }

  TunnelRequest request_;
  sys::UniqueFd helper_;
  Result<void> outcome_;  // written before serving_ is set, read afterwards
  bool set_ = false;      // of the thread only
  std::promise<void> serving_;
  std::atomic<bool> running_ = true;
  std::jthread thread_;
};

class Agent {
 public:
  Agent(const Home& home, std::string profile, std::string folder)
      : home_(home), profile_(std::move(profile)), folder_(std::move(folder)) {}

  // It ends when there is nothing left to hold.
  net::AgentReply answer(const Context& ctx, net::AgentRequest request) {
    if (auto begun = begin(ctx, request); !begun.ok()) return {std::move(begun).error(), true};
    auto body = act(ctx, text_at(request.body, "verb"), request);
    const bool idle = forwards_->all().empty() && !has_tunnel();
    return {std::move(body), idle};
  }

 private:
  Result<Json> act(const Context& ctx, const std::string& verb, net::AgentRequest& request) {
    if (verb == "hold") return hold(ctx, read_forwards(part_of(request.body, "forwards")));
    if (verb == "release") return release(request.body);
    if (verb == "list") return to_json(forwards_->all());
    if (verb == tunnel_verb) {
      return run(ctx, read_tunnel_request(profile_, part_of(request.body, "tunnel")), std::move(request.descriptor));
    }
    if (verb == "end tunnel") return end_tunnel();
    if (verb == "resume") return Json(JsonArray(troubles_.begin(), troubles_.end()));
    return make_error(ErrorId::usage, "The agent does not know '" + verb + "'");
  }

  // What an agent before this one has held is taken up again; what cannot be is told of and given up. A request for a
  // tunnel takes the place of the tunnel that was.
  Result<void> begin(const Context& ctx, net::AgentRequest& request) {
    if (forwards_) return {};
    auto forwards = TRY(ServiceForwards::start(ctx, TRY(connect(ctx, home_, TRY(open_profile(home_, profile_))))));
    TRY(forwards->await_listed(ctx));
    forwards_ = std::move(forwards);
    const Held held = load_held(home_, profile_);
    const auto note = [this](const Error& error) {
      sys::log::warn(error.what);
      troubles_.push_back(error.what);
    };
    for (const auto& each : held.forwards) {
      if (const auto opened = forwards_->add(ctx, {each}); !opened.ok()) note(opened.error());
    }
    if (held.tunnel && text_at(request.body, "verb") != tunnel_verb) {
      const auto ran = run(ctx, *held.tunnel, std::move(request.descriptor));
      if (!ran.ok()) note(ran.error());
    }
    return troubles_.empty() ? Result<void>() : save();
  }
  bool has_tunnel() const { return tunnel_ && tunnel_->running(); }
  Result<void> save() {
    return save_held(folder_, {forwards_->all(), has_tunnel() ? std::optional(tunnel_->request()) : std::nullopt});
  }

  Result<Json> hold(const Context& ctx, const std::vector<PortForward>& wanted) {
    const auto held = TRY(forwards_->add(ctx, wanted));
    TRY(save());
    forwards_->await_endpoints(ctx, held);
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
  Result<Json> run(const Context& ctx, TunnelRequest wanted, sys::UniqueFd helper) {
    if (has_tunnel()) {
      return make_error(ErrorId::tunnel_conflict, "The profile '" + profile_ + "' has a tunnel already");
    }
    tunnel_ = std::make_unique<DetachedTunnel>(home_, std::move(wanted), std::move(helper), *ctx.events);
    if (auto serving = tunnel_->await_serving(ctx); !serving.ok()) {
      tunnel_.reset();
      return std::move(serving).error();
    }
    TRY(save());
    return Json(true);
  }
  Result<Json> end_tunnel() {
    const bool ran = has_tunnel();
    tunnel_.reset();
    TRY(save());
    return Json(ran);
  }

  const Home& home_;
  std::string profile_;
  std::string folder_;
  std::unique_ptr<ServiceForwards> forwards_;  // set by begin()
  std::unique_ptr<DetachedTunnel> tunnel_;
  std::vector<std::string> troubles_;  // of begin()
};

}  // namespace

Result<std::vector<PortForward>> hold_forwards(const Context& ctx, const Home& home, const std::string& profile,
                                               const std::vector<PortForward>& wanted) {
  const JsonObject request{{"verb", "hold"}, {"forwards", to_json(wanted)}};
  return read_forwards(TRY(net::ask_agent(ctx, state_folder(home, profile), program(home, profile), request)));
}

Result<std::vector<std::string>> resume_agent(const Context& ctx, const Home& home, const std::string& profile) {
  std::vector<std::string> troubles;
  const Held held = load_held(home, profile);
  if (held.nothing()) return troubles;
  const std::string folder = state_folder(home, profile);
  const bool tunnel = held.tunnel && !net::running_agent(folder);
  const sys::UniqueFd helper = tunnel ? TRY(ask_for_helper(ctx, home, *held.tunnel)) : sys::UniqueFd();
  const Json told = TRY(net::ask_agent(ctx.within(longest_answer), folder, program(home, profile),
                                       JsonObject{{"verb", "resume"}}, helper.get()));
  for (const auto& each : told.is_array() ? told.get_array() : JsonArray()) {
    troubles.push_back(text_at(each, ""));
  }
  return troubles;
}

Result<std::vector<PortForward>> held_forwards(const Context& ctx, const Home& home, const std::string& profile) {
  const auto held = TRY(
      net::ask_running_agent(ctx.within(longest_answer), state_folder(home, profile), JsonObject{{"verb", "list"}}));
  return held ? read_forwards(*held) : std::vector<PortForward>();
}

Result<std::vector<PortForward>> release_forwards(const Context& ctx, const Home& home, const std::string& profile,
                                                  const std::vector<ServiceKey>& of) {
  const std::string folder = state_folder(home, profile);
  const JsonObject request{{"verb", "release"}, {"of", service_keys(of)}};
  if (const auto released = TRY(net::ask_running_agent(ctx, folder, request))) return read_forwards(*released);
  Held held = load_held(home, profile);  // parked, or of an agent that crashed
  auto released = take_out(held.forwards, of);
  if (!released.empty()) TRY(save_held(folder, held));
  return released;
}

Result<void> detach_tunnel(const Context& ctx, const Home& home, const TunnelRequest& request) {
  if (tunnel_status(home, request.profile).process) {
    return make_error(ErrorId::tunnel_conflict, "The profile '" + request.profile + "' has a tunnel already");
  }
  const sys::UniqueFd helper = TRY(ask_for_helper(ctx, home, request));
  const JsonObject ask{{"verb", tunnel_verb}, {"tunnel", to_json(request)}};
  TRY(net::ask_agent(ctx.within(longest_answer), state_folder(home, request.profile), program(home, request.profile),
                     ask, helper.get()));
  return {};
}

bool awaits_agent(const Home& home, const std::string& profile) {
  return !load_held(home, profile).nothing() && !net::running_agent(state_folder(home, profile));
}

bool has_parked_tunnel(const Home& home, const std::string& profile) {
  return load_held(home, profile).tunnel.has_value();
}

Result<bool> end_tunnel(const Context& ctx, const Home& home, const std::string& profile) {
  const std::string folder = state_folder(home, profile);
  constexpr Duration clean_end = std::chrono::seconds(20);
  const auto process = tunnel_status(home, profile).process;
  if (process && process != net::running_agent(folder)) {
    TRY(net::make_end(ctx, *process, clean_end));
    return true;
  }
  const auto ended = net::ask_running_agent(ctx.within(clean_end), folder, JsonObject{{"verb", "end tunnel"}});
  if (ended.ok() && *ended) return **ended == Json(true);
  if (!ended.ok()) {
    TRY(ctx.check());
    if (ended.error().id != ErrorId::timeout) return ended.error();
    TRY(park_agent(ctx, home, profile));  // it hangs; the next request has its forwards back
  }
  Held held = load_held(home, profile);  // parked, or of an agent that crashed
  if (!held.tunnel) return false;
  held.tunnel.reset();
  TRY(save_held(folder, held));
  return true;
}

Result<void> park_agent(const Context& ctx, const Home& home, const std::string& profile) {
  return net::stop_agent(ctx, state_folder(home, profile));
}

Result<void> end_agent(const Context& ctx, const Home& home, const std::string& profile) {
  TRY(park_agent(ctx, home, profile));
  ::unlink(held_file(state_folder(home, profile)).c_str());
  return {};
}

Result<void> run_agent(const Context& ctx, const Home& home, const std::string& profile) {
  const std::string folder = state_folder(home, profile);
  auto server = TRY(net::AgentServer::start(sys::UniqueFd(STDIN_FILENO), folder));
  std::stop_source end;
  const std::stop_callback told(ctx.stop, [&] { end.request_stop(); });
  const std::jthread watcher([&](const std::stop_token& stop) {
    const Context until{stop, Deadline::never(), ctx.events};
    while (until.pause(std::chrono::seconds(1)).ok()) {
      if (!sys::exists(folder)) end.request_stop();
    }
  });
  Agent agent(home, profile, folder);
  server.serve({end.get_token(), Deadline::never(), ctx.events},
               [&](const Context& c, net::AgentRequest request) { return agent.answer(c, std::move(request)); });
  return {};
}

}  // namespace skiff::cluster
