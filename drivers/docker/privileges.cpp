// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/privileges.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "drivers/docker/phrases.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::drivers::docker {

namespace {

struct Choice {
  Privileges privileges;
  std::string_view text;  // in the file
};
// In the order in which they are tried.
constexpr std::array choices{Choice{Privileges::full, "full\n"},
                             Choice{Privileges::all_but_resource, "all-but-resource\n"},
                             Choice{Privileges::all_but_resource_and_log, "all-but-resource-and-log\n"}};

Result<std::string> memory_file(const Context& ctx, Engine& engine) {
  const std::string daemon = text_at(TRY(engine.info(ctx)), "ID", "unknown");
  return sys::cache_folder() + "/docker/" + replace_all(daemon, ":", "-") + ".privileges";
}

std::optional<Privileges> recall(const std::string& file) {
  const auto read = sys::read_file_if_there(file);
  const std::string text = read.ok() ? read->value_or("") : "";
  for (const auto& choice : choices) {
    if (text == choice.text) return choice.privileges;
  }
  return std::nullopt;
}

// Only a shortcut for the next start: a failure to write it is not one of the start.
void remember(const std::string& file, Privileges privileges) {
  auto written = sys::make_folders(file.substr(0, file.rfind('/')));
  if (written.ok()) written = sys::write_atomic(file, choices.at(static_cast<std::size_t>(privileges)).text);
  if (!written.ok()) sys::log::warn("cannot remember the engine's privileges: " + written.error().what);
}

// Whether the engine cannot grant `privileges`, but may do the next choice.
bool is_too_much(const Error& error, Privileges privileges) {
  if (error.id != ErrorId::docker_error) return false;
  return privileges == Privileges::full ? says(error.what, Phrase::capability_refused)
                                        : says(error.what, Phrase::device_absent);
}

}  // namespace

void grant(JsonObject& host_config, Privileges privileges) {
  if (privileges == Privileges::full) {
    host_config["Privileged"] = true;
    return;
  }
  host_config["CapAdd"] = JsonArray{"ALL"};
  host_config["CapDrop"] = JsonArray{"SYS_RESOURCE"};
  host_config["SecurityOpt"] = JsonArray{"seccomp=unconfined", "apparmor=unconfined"};
  host_config["MaskedPaths"] = JsonArray{};
  host_config["ReadonlyPaths"] = JsonArray{};
  host_config["DeviceCgroupRules"] = JsonArray{"a *:* rwm"};
  if (privileges == Privileges::all_but_resource) {
    const JsonObject kmsg{{"PathOnHost", "/dev/kmsg"}, {"PathInContainer", "/dev/kmsg"}, {"CgroupPermissions", "rwm"}};
    host_config["Devices"] = JsonArray{kmsg};
  }
}

Result<void> check_root(const Context& ctx, Engine& engine) {
  const Json info = TRY(engine.info(ctx));
  const JsonArray& options = array_at(info, "SecurityOptions");
  if (std::ranges::none_of(options,
                           [](const Json& option) { return text_at(option, "").starts_with("name=rootless"); }))
    return {};
  return make_error(ErrorId::docker_unsupported,
                    "This engine runs without root (rootless), and cannot give nodes the cgroups and settings of the "
                    "kernel that Kubernetes wants",
                    "Use the system's: 'docker context use default', or 'sudo systemctl start podman.socket' and "
                    "DOCKER_HOST=unix:///run/podman/podman.sock; or a virtual machine's with 'skiff start -d libvirt'");
}

Result<void> PrivilegeChoice::with_privileges(const Context& ctx, Engine& engine,
                                              const std::function<Result<void>(Privileges)>& attempt) {
  std::unique_lock lock(mutex_);
  const std::string file = TRY(memory_file(ctx, engine));
  if (!known_) known_ = recall(file);
  auto rung = static_cast<std::size_t>(known_.value_or(Privileges::full));
  if (known_) lock.unlock();

  auto result = attempt(choices.at(rung).privileges);
  while (!result.ok() && rung + 1 < choices.size() && is_too_much(result.error(), choices.at(rung).privileges)) {
    result = attempt(choices.at(++rung).privileges);
  }
  if (!result.ok()) return result;
  const auto worked = choices.at(rung).privileges;
  if (!lock.owns_lock()) lock.lock();
  if (known_ != worked) {
    known_ = worked;
    remember(file, worked);
  }
  return {};
}

}  // namespace skiff::drivers::docker
