// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/host_facts.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/strings.h"
#include "drivers/docker/multiplex.h"
#include "drivers/docker/published_api.h"
#include "drivers/docker/resources.h"
#include "sys/hash.h"

namespace skiff::drivers::docker {

namespace {

constexpr std::string_view mtu_option = "com.docker.network.driver.mtu";

std::optional<int> mtu_of(const Json& network) {
  const Labels options = labels_in(network, "Options");
  const auto found = options.find(std::string(mtu_option));
  if (found == options.end()) return std::nullopt;
  const auto mtu = parse_int(found->second, "MTU");
  if (!mtu.ok() || *mtu <= 0) return std::nullopt;
  return static_cast<int>(std::min<long long>(*mtu, sys::ethernet_mtu));
}

// What a container writes that is started now, up to its end.
Result<std::string> output_of(const Context& ctx, Engine& engine, const std::string& name) {
  const auto stream = TRY(engine.open(ctx, "/containers/" + name + "/attach?stream=1&stdout=1", nullptr));
  TRY(engine.call(ctx, "POST", "/containers/" + name + "/start"));
  std::string text;
  Demultiplexer demultiplexer;
  for (std::array<char, 4096> buffer{};;) {
    const std::size_t count = TRY(stream->read(ctx, buffer));
    if (count == 0) return text;
    demultiplexer.feed({buffer.data(), count}, [&](Demultiplexer::Channel, std::string_view piece) { text += piece; });
  }
}

// The resolv.conf that the engine makes for a container of its default network: its host's name servers, or those that
// its owner wants containers to have. One of a cluster's network would only name the engine's own server, which answers
// in that container alone.
Result<std::string> resolv_conf_of_container(const Context& ctx, Engine& engine, const std::string& image) {
  const std::string name = "skiff-look-" + sys::random_hex(6);
  const JsonObject host{{"NetworkMode", "bridge"}, {"AutoRemove", true}};
  const JsonObject description{{"Image", image},
                               {"AttachStdout", true},
                               {"Entrypoint", JsonArray{"cat", "/etc/resolv.conf"}},
                               {"Labels", to_json({{std::string(label::prepare), image}})},
                               {"HostConfig", host}};
  TRY(create(ctx, engine, "/containers/create?name=" + name, description));
  auto shown = output_of(ctx, engine, name);
  if (!shown.ok()) return undo(ctx, engine, name, std::move(shown).error());
  return shown;  // and the container has gone
}

}  // namespace

std::optional<std::time_t> parse_time(const std::string& text) {
  std::tm parts{};
  int end = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &end) != 6) {
    return std::nullopt;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::time_t local = ::timegm(&parts);
  std::string_view zone = std::string_view(text).substr(static_cast<std::size_t>(end));
  if (zone.starts_with('.')) zone.remove_prefix(std::min(zone.find_first_not_of("0123456789", 1), zone.size()));
  if (zone == "Z") return local;
  char sign = 0;
  int hours = 0;
  int minutes = 0;
  if (std::sscanf(std::string(zone).c_str(), "%c%2d:%2d", &sign, &hours, &minutes) != 3) return std::nullopt;
  if (sign != '+' && sign != '-') return std::nullopt;
  const std::time_t east = (hours * 60 + minutes) * 60;
  return sign == '+' ? local - east : local + east;
}

Result<std::optional<int>> network_mtu(const Context& ctx, Engine& engine) {
  if (TRY(shares_our_network(ctx, engine))) return std::optional(sys::uplink_mtu());
  return mtu_of(TRY(engine.find(ctx, "/networks/bridge")).value_or(nullptr));
}

Result<HostFacts> host_facts(const Context& ctx, Engine& engine, const std::string& image) {
  if (TRY(shares_our_network(ctx, engine))) return facts_of_this_host();
  HostFacts facts;
  // Not the answer that is remembered: it tells the time.
  facts.now = parse_time(text_at(TRY(engine.get(ctx, "/info")), "SystemTime")).value_or(std::time(nullptr));
  facts.uplink_mtu = TRY(network_mtu(ctx, engine));
  auto shown = resolv_conf_of_container(ctx, engine, image);
  TRY(ctx.check());
  if (shown.ok()) {
    facts.resolver = sys::parse_resolver(*shown);
  } else {
    ctx.events->warning(
        "The name servers of Docker's host are not known, so pods look up the cluster's own names alone: " +
        shown.error().what);
  }
  return facts;
}

}  // namespace skiff::drivers::docker
