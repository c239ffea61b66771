#include "cli/settings.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/strings.h"
#include "cli/line/args.h"
#include "drivers/driver_table.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

Error broken(const std::string& path, int line, const std::string& why) {
  return make_error(ErrorId::config_invalid, path + ":" + std::to_string(line) + ": " + why);
}

Result<Settings> parse(const std::string& text, const std::string& path) {
  const auto documents = TRY(parse_yaml(text, path));
  if (documents.empty()) return Settings();
  if (documents.size() > 1 || !documents[0].value.is_object()) {
    return broken(path, 1, "this is not a list of 'key: value' lines");
  }
  Settings settings;
  for (const auto& [key, value] : documents[0].value.get_object()) {
    const std::string name(key);
    const auto found = documents[0].lines.find(name);
    const int line = found == documents[0].lines.end() ? 1 : found->second;
    const auto words = scalar_text(value);  // a hand-written `cpus: 1.5` is a number in YAML
    if (!words) return broken(path, line, "'" + name + "' must have a plain value");
    if (const auto valid = check_setting(name, *words); !valid) return broken(path, line, valid.error().what);
    settings[name] = *words;
  }
  return settings;
}

}  // namespace

std::span<const Setting> all_settings() {
  using Request = cluster::StartRequest;
  using Text = const std::string&;
  static constexpr std::array<Setting, 11> settings = {{
      {"profile", "the cluster that commands work on",
       [](Request& r, Text value) -> Result<void> {
         r.profile = value;
         return {};
       }},
      {"driver", "what makes the nodes",
       [](Request& r, Text value) -> Result<void> {
         TRY(drivers::find_driver(value));
         r.driver = value;
         return {};
       }},
      {"nodes", "number of nodes, control plane included",
       [](Request& r, Text value) -> Result<void> {
         r.nodes = TRY(parse_small_int(value, "--nodes"));
         return {};
       }},
      {"cpus", "CPUs that each node may use: 2, 1.5, max",
       [](Request& r, Text value) -> Result<void> {
         r.cpus = cluster::is_all(value) ? cluster::all_cpus : TRY(parse_number(value, "--cpus"));
         return {};
       }},
      {"memory", "memory of each node: 2g, 2048m, max",
       [](Request& r, Text value) -> Result<void> {
         r.memory = value;
         return {};
       }},
      {"disk-size", "disk of each node, for drivers with disks: 20g",
       [](Request& r, Text value) -> Result<void> {
         r.disk_size = value;
         return {};
       }},
      {"proxy", "proxy by which nodes reach registries: http://HOST:PORT, none, environment",
       [](Request& r, Text value) -> Result<void> {
         r.http_proxy = r.https_proxy = value;
         return {};
       }},
      {"no-proxy", "what goes past the proxy: corp.example,10.0.0.0/8",
       [](Request& r, Text value) -> Result<void> {
         r.no_proxy = value;
         return {};
       }},
      {"ca-file", "file with certificates of authorities that nodes trust, or none",
       [](Request& r, Text value) -> Result<void> {
         r.ca_file = value;
         return {};
       }},
      {"registry-config", "logins for registries: a file like Docker's config.json, docker, or none",
       [](Request& r, Text value) -> Result<void> {
         r.registry_config = value;
         return {};
       }},
      {"kubernetes-version", "version of Kubernetes: 1.36, v1.37.2, latest",
       [](Request& r, Text value) -> Result<void> {
         r.kubernetes_version = value;
         return {};
       }},
  }};
  return settings;
}

Result<Setting> find_setting(const std::string& key) {
  std::vector<std::string> keys;
  for (const auto& setting : all_settings()) {
    if (setting.key == key) return setting;
    keys.emplace_back(setting.key);
  }
  const std::string near = nearest(key, keys);
  return make_error(ErrorId::usage, "There is no setting '" + key + "'",
                    near.empty() ? "The settings are: " + join(keys, ", ") : "Did you mean '" + near + "'?");
}

Result<void> check_setting(const std::string& key, const std::string& value) {
  cluster::StartRequest request;
  request.profile = "any";
  TRY(TRY(find_setting(key)).apply(request, value));
  TRY(cluster::resolve(request, std::nullopt));
  return {};
}

std::string settings_path(const std::string& home) { return home + "/config.yaml"; }

Result<Settings> load_settings(const std::string& home) {
  const auto text = TRY(sys::read_file_if_there(settings_path(home)));
  return parse(text.value_or(""), settings_path(home));
}

std::string chosen_profile(const std::optional<std::string>& named, const Settings& settings, std::string_view usual) {
  if (named) return *named;
  const auto chosen = settings.find("profile");
  return chosen != settings.end() ? chosen->second : sys::env("SKIFF_PROFILE").value_or(std::string(usual));
}

Result<void> change_setting(const Context& ctx, const std::string& home, const std::string& key,
                            const std::optional<std::string>& value) {
  TRY(sys::make_folders(home));
  const auto lock = sys::Lock::acquire(ctx.within(std::chrono::seconds(10)), settings_path(home) + ".lock", [] {});
  if (!lock.ok() && lock.error().id == ErrorId::profile_busy) {
    return make_error(ErrorId::profile_busy, "Another skiff changes the settings");
  }
  if (!lock.ok()) return lock.error();
  Settings settings = TRY(load_settings(home));
  settings.erase(key);
  if (value) settings[key] = *value;
  JsonObject object;
  for (const auto& [name, text] : settings) object[name] = text;
  return sys::write_atomic(settings_path(home), to_yaml(object) + "\n");
}

}  // namespace skiff::cli
