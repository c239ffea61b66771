#include <functional>

#include "base/json.h"
#include "base/strings.h"
#include "kube/kubeconfig.h"
#include "sys/env.h"
#include "sys/files.h"

namespace skiff::kube {
namespace {

// Not "<path>.lock": kubectl refuses to change a kubeconfig while a file of that name lies there.
std::string lock_path(const std::string& path) { return path + ".skiff-lock"; }

// Makes the folder when it is missing.
Result<void> edit_file(const Context& ctx, const std::string& path,
                       const std::function<Result<std::string>(const std::string& text)>& edit) {
  const sys::Lock lock = TRY(sys::Lock::acquire(ctx, lock_path(path), [] {}));
  const std::string text = TRY(sys::read_file_if_there(path)).value_or("");
  const std::string edited = TRY(edit(text));
  if (edited == text) return {};
  return sys::write_atomic(path, edited);
}

}  // namespace

std::string user_kubeconfig_path() {
  for (const auto& path : split(sys::env("KUBECONFIG").value_or(""), ':')) {
    if (!path.empty()) return path;
  }
  return sys::home_folder() + "/.kube/config";
}

Result<void> add_to_user_kubeconfig(const Context& ctx, const Access& access, bool keep_current) {
  const std::string path = user_kubeconfig_path();
  return edit_file(ctx, path, [&](const std::string& text) { return with_entry(text, path, access, keep_current); });
}

Result<void> remove_from_user_kubeconfig(const Context& ctx, const std::string& name) {
  const std::string path = user_kubeconfig_path();
  if (!sys::exists(path)) return {};
  return edit_file(ctx, path, [&](const std::string& text) { return without_entry(text, path, name); });
}

Result<void> unset_in_user_kubeconfig(const Context& ctx, const std::string& name) {
  const std::string path = user_kubeconfig_path();
  if (!sys::exists(path)) return {};
  return edit_file(ctx, path, [&](const std::string& text) { return without_current(text, path, name); });
}

Result<KubeconfigState> user_kubeconfig_state(const std::string& name, const std::string& server) {
  const std::string path = user_kubeconfig_path();
  return state_of(TRY(sys::read_file_if_there(path)).value_or(""), path, name, server);
}

Result<std::string> user_current_context() {
  const std::string path = user_kubeconfig_path();
  const auto documents = TRY(parse_yaml(TRY(sys::read_file_if_there(path)).value_or(""), path));
  return documents.empty() ? std::string() : text_at(documents.front().value, "current-context");
}

Result<void> check_user_kubeconfig() {
  TRY(user_kubeconfig_state({}, {}));
  return {};
}

}  // namespace skiff::kube
