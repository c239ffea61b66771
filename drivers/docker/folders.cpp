// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/folders.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/strings.h"
#include "drivers/docker/node.h"
#include "drivers/docker/published_api.h"
#include "drivers/docker/resources.h"
#include "sys/hash.h"

namespace skiff::drivers::docker {

namespace {

constexpr std::string_view program = "/usr/local/bin/skiff-mount";
// Its exit codes.
constexpr long long unsuited = 2;
constexpr long long elsewhere = 3;

Error of_another_host(const std::string& why) {
  return make_error(ErrorId::unsupported, why,
                    "Folders can be mounted by the Docker engine of this host alone; copy files with 'skiff cp'");
}

std::string place_of(std::size_t folder) { return "/skiff/folders/" + std::to_string(folder); }

// Says which folder is meant, by more than its name: the engine may have another of that name.
Result<Json> describe(const FolderMount& folder, std::size_t index) {
  struct ::stat here{};
  if (::stat(folder.from.c_str(), &here) != 0) {
    return make_error(errno == EACCES ? ErrorId::permission : ErrorId::usage,
                      "Cannot look at the folder " + folder.from + ": " + std::strerror(errno));
  }
  return Json(JsonObject{{"source", folder.from},
                         {"at", place_of(index)},
                         {"target", folder.to},
                         {"device", static_cast<std::uint64_t>(here.st_dev)},
                         {"inode", static_cast<std::uint64_t>(here.st_ino)}});
}

struct Helper {
  std::string image;
  Labels labels;
  std::string plan;
};

Result<Helper> plan(const Context& ctx, Engine& engine, const std::vector<NodeId>& nodes,
                    const std::vector<FolderMount>& folders) {
  Helper helper;
  JsonArray sources;
  for (std::size_t i = 0; i < folders.size(); ++i) sources.push_back(TRY(describe(folders[i], i)));
  JsonArray members;
  for (const auto& node : nodes) {
    const auto container = TRY(engine.find(ctx, "/containers/" + node.name + "/json"));
    const Labels labels = container ? labels_in(*container, "Config.Labels") : Labels();
    const auto process = container ? int_at(*container, "State.Pid") : 0;
    if (process == 0 || cluster_in(labels) != node.cluster) {
      return make_error(ErrorId::cluster_not_running, "The node '" + node.name + "' does not run");
    }
    members.push_back(JsonObject{{"name", node.name}, {"process", process}});
    helper.image = text_at(*container, "Image");
    for (const auto key :
         {label::cluster, label::id}) {  // so that the helper goes with the cluster, if nobody else can
      if (const auto found = labels.find(std::string(key)); found != labels.end()) helper.labels.insert(*found);
    }
  }
  helper.plan = to_text(JsonObject{{"folders", std::move(sources)}, {"nodes", std::move(members)}});
  return helper;
}

Error explain(Error error) {
  if (lacks_program(error)) {
    return make_error(ErrorId::image_unsupported, "The node image of this cluster is from before folders were mounted",
                      "Make the cluster anew with this skiff, or copy files with 'skiff cp'");
  }
  return error;
}

Result<void> check_end(const Context& ctx, Engine& engine, const std::string& name) {
  const long long code = TRY(wait_for_end(ctx, engine, name));
  if (code == 0) return {};
  const std::string words(trim(console(ctx, engine, name).value_or("")));
  if (code == elsewhere) return of_another_host(words);
  if (code == unsuited) {
    return make_error(ErrorId::usage, words, "See what is mounted with 'skiff mount list', or choose another target");
  }
  Error error = make_error(ErrorId::node_command_failed, "The folders could not be mounted");
  error.trail.push_back(words);
  return error;
}

}  // namespace

Result<void> bind_folders(const Context& ctx, Engine& engine, PrivilegeChoice& choice, const std::vector<NodeId>& nodes,
                          const std::vector<FolderMount>& folders) {
  if (nodes.empty() || folders.empty()) return {};
  if (!TRY(shares_our_network(ctx, engine))) {
    return of_another_host("The Docker engine is not on this host, so it has none of its folders");
  }
  const Helper helper = TRY(plan(ctx, engine, nodes, folders));
  return choice.with_privileges(ctx, engine, [&](Privileges privileges) -> Result<void> {
    JsonObject host{{"NetworkMode", "none"}, {"PidMode", "host"}};
    grant(host, privileges);
    JsonArray mounts;
    for (std::size_t i = 0; i < folders.size(); ++i) {
      mounts.push_back(JsonObject{{"Type", "bind"}, {"Source", folders[i].from}, {"Target", place_of(i)}});
    }
    host["Mounts"] = std::move(mounts);
    const JsonObject description{{"Image", helper.image},
                                 {"Entrypoint", JsonArray{program, "bind", helper.plan}},
                                 {"Labels", to_json(helper.labels)},
                                 {"HostConfig", std::move(host)}};
    const std::string name = "skiff-folders-" + sys::random_hex(6);
    TRY(create(ctx, engine, "/containers/create?name=" + name, description));
    auto done = [&]() -> Result<void> {
      auto started = engine.call(ctx, "POST", "/containers/" + name + "/start");
      if (!started.ok()) return explain(std::move(started).error());
      return check_end(ctx, engine, name);
    }();
    const Context fresh{{}, Deadline::in(std::chrono::minutes(1)), ctx.events};
    auto removed = remove_container(fresh, engine, name);
    return done.ok() ? std::move(removed) : std::move(done);
  });
}

}  // namespace skiff::drivers::docker
