// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/resources.h"

#include "drivers/docker/phrases.h"

namespace skiff::drivers::docker {

Labels labels_in(const Json& object, std::string_view path) {
  Labels labels;
  const Json* found = find(object, path);
  if (found == nullptr || !found->is_object()) return labels;
  for (const auto& [key, value] : found->get_object()) {
    if (value.is_string()) labels.emplace(key, value.get_string());
  }
  return labels;
}

JsonObject to_json(const Labels& labels) {
  JsonObject object;
  for (const auto& [key, value] : labels) object[key] = value;
  return object;
}

std::vector<Json> of_cluster(const JsonArray& objects, const ClusterId& cluster) {
  std::vector<Json> found;
  for (const auto& object : objects) {
    if (cluster_in(labels_in(object, "Labels")) == cluster) found.push_back(object);
  }
  return found;
}

Result<Engine::Answer> create(const Context& ctx, Engine& engine, const std::string& path, const Json& description,
                              Engine::Tolerated tolerated) {
  TRY(ctx.check());
  const Context to_the_end{{}, Deadline::in(std::chrono::minutes(1)), ctx.events};
  return engine.call(to_the_end, "POST", path, description, tolerated);
}

Result<Json> make_volume(const Context& ctx, Engine& engine, const std::string& name, const Labels& labels) {
  const JsonObject wanted{{"Name", name}, {"Labels", to_json(labels)}};
  return TRY(create(ctx, engine, "/volumes/create", wanted)).json();
}

Result<void> remove_volume(const Context& ctx, Engine& engine, const std::string& name) {
  const auto volume = TRY(engine.find(ctx, "/volumes/" + name));
  if (!volume) return {};
  const Labels labels = labels_in(*volume, "Labels");
  if (!labels.contains(std::string(label::cluster)) && !labels.contains(std::string(label::prepare))) return {};
  TRY(engine.call(ctx, "DELETE", "/volumes/" + name, nullptr, {404}));
  return {};
}

Result<void> remove_container(const Context& ctx, Engine& engine, const std::string& name_or_id) {
  const std::string path = "/containers/" + name_or_id;
  auto removed = TRY(engine.call(ctx, "DELETE", path + "?force=1&v=1", nullptr, {404, 409, 500}));
  if (removed.status == 500) {  // an engine under load may lose patience with its own kill; the second time it is dead
    removed = TRY(engine.call(ctx, "DELETE", path + "?force=1&v=1", nullptr, {404, 409}));
  }
  if (removed.status == 409) {  // somebody else removes it just now
    TRY(engine.call(ctx, "POST", path + "/wait?condition=removed", nullptr, {404}));
  }
  return {};
}

Result<long long> wait_for_end(const Context& ctx, Engine& engine, const std::string& container) {
  const auto ended = TRY(engine.call(ctx, "POST", "/containers/" + container + "/wait")).json();
  return int_at(ended, "StatusCode", -1);
}

bool lacks_program(const Error& error) {
  return says(error.what, Phrase::program_absent) && !says(error.what, Phrase::device_absent);
}

Error undo(const Context& ctx, Engine& engine, const std::string& container, Error why) {
  const Context fresh{{}, Deadline::in(std::chrono::minutes(1)), ctx.events};  // `ctx` may be stopped
  if (const auto removed = remove_container(fresh, engine, container); !removed.ok()) {
    why.trail.push_back("and it could not be removed: " + removed.error().what);
  }
  return why;
}

}  // namespace skiff::drivers::docker
