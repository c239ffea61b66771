#include "drivers/docker/privileges.h"

#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/log.h"

namespace skiff::drivers::docker {

namespace {

constexpr std::string_view full_text = "full\n";
constexpr std::string_view reduced_text = "all-but-resource\n";

Result<std::string> memory_file(const Context& ctx, Engine& engine) {
  const std::string daemon = text_at(TRY(engine.info(ctx)), "ID", "unknown");
  return sys::cache_folder() + "/docker/" + replace_all(daemon, ":", "-") + ".privileges";
}

std::optional<Privileges> recall(const std::string& file) {
  const auto read = sys::read_file_if_there(file);
  const std::string text = read.ok() ? read->value_or("") : "";
  if (text == full_text) return Privileges::full;
  if (text == reduced_text) return Privileges::all_but_resource;
  return std::nullopt;
}

// Only a shortcut for the next start: a failure to write it is not one of the start.
void remember(const std::string& file, Privileges privileges) {
  auto written = sys::make_folders(file.substr(0, file.rfind('/')));
  if (written.ok()) written = sys::write_atomic(file, privileges == Privileges::full ? full_text : reduced_text);
  if (!written.ok()) sys::log::warn("cannot remember the engine's privileges: " + written.error().what);
}

bool is_refused_capability(const Error& error) {
  return error.id == ErrorId::docker_error && (error.what.find("unable to apply caps") != std::string::npos ||
                                               error.what.find("capabilit") != std::string::npos);
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
  if (sys::exists("/dev/kmsg")) {  // the kubelet reads it for out-of-memory events
    const JsonObject kmsg{{"PathOnHost", "/dev/kmsg"}, {"PathInContainer", "/dev/kmsg"}, {"CgroupPermissions", "rwm"}};
    host_config["Devices"] = JsonArray{kmsg};
  }
}

Result<void> PrivilegeChoice::with_privileges(const Context& ctx, Engine& engine,
                                              const std::function<Result<void>(Privileges)>& attempt) {
  std::unique_lock lock(mutex_);
  const std::string file = TRY(memory_file(ctx, engine));
  if (!known_) known_ = recall(file);
  if (known_ == Privileges::all_but_resource) {
    lock.unlock();
    return attempt(Privileges::all_but_resource);
  }
  if (known_ == Privileges::full) lock.unlock();

  auto result = attempt(Privileges::full);
  auto worked = Privileges::full;
  if (!result.ok() && is_refused_capability(result.error())) {
    result = attempt(Privileges::all_but_resource);
    worked = Privileges::all_but_resource;
  }
  if (!result.ok()) return result;
  if (!lock.owns_lock()) lock.lock();
  if (known_ != worked) {
    known_ = worked;
    remember(file, worked);
  }
  return {};
}

}  // namespace skiff::drivers::docker
