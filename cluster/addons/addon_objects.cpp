// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addon_objects.h"

#include <algorithm>
#include <set>

#include "addons/addon.h"
#include "addons/objects.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "kube/kept_objects.h"
#include "kube/namespace.h"
#include "sys/log.h"

namespace skiff::cluster {
namespace {

using Kinds = std::vector<std::string>;

const kube::Resource config_maps{"v1", "configmaps", true};

constexpr std::string_view record_label = "dev.skiff.addon-record";  // on records, with the addon's name

std::string record_name(const std::string& addon) { return "skiff-addon-" + addon; }
std::string record_path(const std::string& addon) {
  return kube::path_of(config_maps, "kube-system", record_name(addon));
}

// An object of a kind that a record names, enough to find its resource and its rank.
Json example_of(const std::string& kind) {
  const auto space = kind.find(' ');
  return {{"apiVersion", kind.substr(0, space)}, {"kind", kind.substr(space + 1)}, {"metadata", JsonObject()}};
}

// Tells objects apart; an object that names no namespace and one in "default" are the same.
std::string key_of(const Json& object) {
  return kind_of(object) + ' ' + text_at(object, "metadata.namespace", "default") + '/' +
         text_at(object, "metadata.name");
}

bool is_gone(const Error& error) { return error.id == ErrorId::kube_not_found; }

Result<Kinds> recorded_kinds(const Context& ctx, kube::Client& client, const std::string& addon) {
  const auto record = client.get(ctx, record_path(addon));
  if (record.ok()) return kinds_in(*record);
  return is_gone(record.error()) ? Result<Kinds>(Kinds()) : record.error();
}

Kinds with_kinds_of(Kinds kinds, const std::vector<Json>& objects) {
  for (const auto& object : objects) kinds.push_back(kind_of(object));
  std::ranges::sort(kinds);
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return kinds;
}

Result<void> check_owner(const Context& ctx, kube::Client& client, const std::string& addon, const Json& object) {
  const auto ref = client.locate(ctx, object);
  if (!ref.ok()) return is_gone(ref.error()) ? Result<void>() : ref.error();
  const auto there = client.get(ctx, kube::path_of(ref->resource, ref->ns, ref->name));
  if (!there.ok()) return is_gone(there.error()) ? Result<void>() : there.error();
  const Json* labels = find(*there, "metadata.labels");
  const Json* owner = labels != nullptr && labels->is_object()
                          ? labels->get_object().if_contains(std::string_view(addons::addon_label))
                          : nullptr;
  if (owner != nullptr && *owner == Json(addon)) return {};
  return make_error(
      ErrorId::addon_conflict,
      "The " + addons::identity(object) + " is in the cluster already and does not belong to the addon '" + addon + "'",
      "Remove or rename it, then run the command again");
}

// The fields of a StorageClass are for its life. Nothing hangs on it but claims to come.
bool is_other_class(const Json& object, const Error& error) {
  return text_at(object, "kind") == "StorageClass" && error.what.find("field is immutable") != std::string::npos;
}

Result<void> replace(const Context& ctx, kube::Client& client, const Json& object) {
  const auto ref = TRY(client.locate(ctx, object));
  TRY(client.remove(ctx, kube::path_of(ref.resource, ref.ns, ref.name)));
  const auto has_gone = [&](const kube::Client::Objects& all) { return !all.contains(ref.ns + "/" + ref.name); };
  TRY(client.wait(ctx, ref.resource, ref.ns, "", has_gone, "the removal of the " + addons::identity(object)));
  TRY(client.apply(ctx, kube::with_applied_hash(object)));
  return {};
}

Result<void> apply_one(const Context& ctx, kube::Client& client, Json object, Edits edits) {
  const std::string name = addons::identity(object);
  const Json* const given = find(object, "status");
  const bool has_status = given != nullptr;
  const Json status = {
      {"apiVersion", text_at(object, "apiVersion")},
      {"kind", text_at(object, "kind")},
      {"metadata", {{"name", text_at(object, "metadata.name")}, {"namespace", text_at(object, "metadata.namespace")}}},
      {"status", has_status ? *given : Json()}};
  if (auto* fields = object.if_object()) fields->erase("status");
  const auto apply = [&]() -> Result<void> {
    if (edits == Edits::keep) return kube::apply_kept(ctx, client, object);
    TRY(client.apply(ctx, kube::with_applied_hash(object)));
    return {};
  };
  auto applied = apply();
  if (!applied.ok() && is_other_class(object, applied.error())) applied = replace(ctx, client, object);
  TRY(with_trail(std::move(applied), "while applying the " + name));
  if (has_status) TRY(with_trail(client.apply(ctx, status, "status"), "while applying the status of the " + name));
  return {};
}

// A kind can be used once its definition is established.
Result<void> wait_for_definitions(const Context& ctx, kube::Client& client, const std::string& addon) {
  return client.wait(
      ctx, {"apiextensions.k8s.io/v1", "customresourcedefinitions", false}, "", selector_of(addon),
      [](const kube::Client::Objects& definitions) {
        return std::ranges::all_of(definitions,
                                   [](const auto& entry) { return kube::has_condition(entry.second, "Established"); });
      },
      "the custom resource definitions of the addon '" + addon + "'");
}

// A claim's volume goes after it, by a provisioner that may be the next to be removed; one that has gone already
// removes nothing, so there is a limit.
Result<void> await_volumes(const Context& ctx, kube::Client& client, const std::set<std::string>& volumes) {
  if (volumes.empty()) return {};
  const auto gone = client.wait(
      ctx.within(std::chrono::seconds(10)), {"v1", "persistentvolumes", false}, "", "",
      [&](const kube::Client::Objects& all) {
        return std::ranges::none_of(volumes, [&](const std::string& name) {
          const auto found = all.find("/" + name);
          return found != all.end() && text_at(found->second, "spec.persistentVolumeReclaimPolicy") == "Delete";
        });
      },
      "the removal of volumes");
  TRY(ctx.check());
  if (!gone.ok()) sys::log::info("volumes are left to whoever provided them: " + gone.error().what);
  return {};
}

// Removes the labelled objects of a kind that are not to be kept, and waits until they have gone.
Result<void> keep_only_of_kind(const Context& ctx, kube::Client& client, const std::string& addon,
                               const std::string& kind, const std::set<std::string>& kept) {
  const auto ref = client.locate(ctx, example_of(kind));
  if (!ref.ok()) return is_gone(ref.error()) ? Result<void>() : ref.error();  // the kind went with its definition
  bool removed = false;
  std::set<std::string> volumes;
  for (const auto& object : TRY(client.list(ctx, ref->resource, "", selector_of(addon)))) {
    if (kept.contains(key_of(object))) continue;
    const std::string volume = text_at(object, "spec.volumeName");
    if (kind == "v1 PersistentVolumeClaim" && !volume.empty()) volumes.insert(volume);
    const auto path =
        kube::path_of(ref->resource, text_at(object, "metadata.namespace"), text_at(object, "metadata.name"));
    TRY(client.remove(ctx, path));
    removed = true;
    if (kind != "v1 Namespace") continue;
    // Its pods take as long as they need to end; the controller would take five seconds longer.
    const auto finished =
        kube::finish_namespace(ctx, client, text_at(object, "metadata.name"), std::chrono::seconds(10));
    TRY(ctx.check());
    if (!finished.ok()) sys::log::info("a namespace is left to its controller: " + finished.error().what);
  }
  if (!removed) return {};
  TRY(client.wait(
      ctx, ref->resource, "", selector_of(addon),
      [&](const kube::Client::Objects& objects) {
        return std::ranges::all_of(objects, [&](const auto& entry) { return kept.contains(key_of(entry.second)); });
      },
      "the removal of the " + ref->resource.plural + " of the addon '" + addon + "'"));
  return await_volumes(ctx, client, volumes);
}

}  // namespace

std::string selector_of(const std::string& addon) { return std::string(addons::addon_label) + '=' + addon; }

std::string kind_of(const Json& object) { return text_at(object, "apiVersion") + ' ' + text_at(object, "kind"); }

Json record_of(const std::string& addon, const Kinds& kinds) {
  return {
      {"apiVersion", "v1"},
      {"kind", "ConfigMap"},
      {"metadata", {{"name", record_name(addon)}, {"namespace", "kube-system"}, {"labels", {{record_label, addon}}}}},
      {"data", {{"kinds", join(kinds, "\n")}}}};
}

Kinds kinds_in(const Json& record) {
  Kinds kinds;
  for (const auto& line : split(text_at(record, "data.kinds"), '\n')) {
    if (line.find(' ') != std::string::npos) kinds.push_back(line);
  }
  return kinds;
}

Result<std::vector<std::string>> recorded_addons(const Context& ctx, kube::Client& client) {
  std::vector<std::string> names;
  for (const auto& record : TRY(client.list(ctx, config_maps, "kube-system", record_label))) {
    if (const Json* labels = find(record, "metadata.labels"); labels != nullptr && labels->is_object()) {
      if (const Json* name = labels->get_object().if_contains(record_label)) names.push_back(text_at(*name, ""));
    }
  }
  return names;
}

Result<void> check_owners(const Context& ctx, kube::Client& client, const std::string& addon,
                          const std::vector<Json>& objects) {
  return parallel_for(ctx, objects,
                      [&](const Context& c, const Json& object) { return check_owner(c, client, addon, object); });
}

Result<void> apply_objects(const Context& ctx, kube::Client& client, const std::string& addon,
                           const std::vector<Json>& objects, Edits edits) {
  const Kinds kinds = with_kinds_of(TRY(recorded_kinds(ctx, client, addon)), objects);
  TRY(client.apply(ctx, record_of(addon, kinds)));
  for (auto first = objects.begin(); first != objects.end();) {
    const int rank = addons::rank_of(*first);
    const auto last = std::find_if(first, objects.end(), [&](const Json& o) { return addons::rank_of(o) != rank; });
    const std::ranges::subrange group(first, last);
    TRY(parallel_for(ctx, group,
                     [&](const Context& c, const Json& object) { return apply_one(c, client, object, edits); }));
    if (text_at(*first, "kind") == "CustomResourceDefinition") TRY(wait_for_definitions(ctx, client, addon));
    first = last;
  }
  return {};
}

Result<void> keep_only(const Context& ctx, kube::Client& client, const std::string& addon,
                       const std::vector<Json>& objects) {
  Kinds kinds = TRY(recorded_kinds(ctx, client, addon));
  std::ranges::stable_sort(kinds, std::ranges::greater(),
                           [](const std::string& kind) { return addons::rank_of(example_of(kind)); });
  std::set<std::string> kept;
  for (const auto& object : objects) kept.insert(key_of(object));
  for (const auto& kind : kinds) {
    TRY(with_trail(keep_only_of_kind(ctx, client, addon, kind, kept), "while removing objects of the addon " + addon));
  }
  if (objects.empty()) return client.remove(ctx, record_path(addon));
  TRY(client.apply(ctx, record_of(addon, with_kinds_of({}, objects))));
  return {};
}

}  // namespace skiff::cluster
