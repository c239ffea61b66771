#include "cluster/agent.h"

#include <unistd.h>

#include <filesystem>
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

class Agent {
 public:
  Agent(const Services& services, std::string profile, std::string folder)
      : services_(services), profile_(std::move(profile)), folder_(std::move(folder)) {}

  net::AgentReply answer(const Context& ctx, const Json& request) {
    const std::string verb = text_at(request, "verb");
    if (verb == "hold") return {hold(ctx, read_forwards(request.at("forwards")))};
    if (verb == "release") {
      auto released = release(ctx, request);
      const bool last = released.ok() && forwards_->all().empty();
      return {std::move(released), last};
    }
    if (verb == "list") return {list(ctx)};
    return {make_error(ErrorId::usage, "The agent does not know '" + verb + "'")};
  }

 private:
  // What an agent that crashed has left is taken up again.
  Result<void> begin(const Context& ctx) {
    if (forwards_) return {};
    forwards_ = TRY(ServiceForwards::start(ctx, services_, profile_));
    for (const auto& each : saved_forwards(folder_)) {
      if (const auto held = forwards_->add(ctx, {each}); !held.ok()) sys::log::warn(held.error().what);
    }
    return {};
  }
  Result<void> save() { return sys::write_atomic(forwards_file(folder_), to_text(to_json(forwards_->all()))); }

  Result<Json> hold(const Context& ctx, const std::vector<PortForward>& wanted) {
    TRY(begin(ctx));
    const auto held = TRY(forwards_->add(ctx, wanted));
    TRY(save());
    return to_json(held);
  }
  Result<Json> release(const Context& ctx, const Json& request) {
    TRY(begin(ctx));
    std::vector<ServiceKey> of;
    for (const auto& each : array_at(request, "of"))
      of.push_back({text_at(each, "namespace"), text_at(each, "service")});
    const auto released = forwards_->close(of);
    TRY(save());
    return to_json(released);
  }
  Result<Json> list(const Context& ctx) {
    TRY(begin(ctx));
    return to_json(forwards_->all());
  }

  const Services& services_;
  std::string profile_;
  std::string folder_;
  std::unique_ptr<ServiceForwards> forwards_;
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
