// SPDX-License-Identifier: Apache-2.0
#include "images/requirements.h"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/process.h"

namespace skiff::images {
namespace {

constexpr std::string_view go_advice =
    "Install Go 1.26 or newer from https://go.dev/dl so that 'go' is on PATH or in /usr/local/go/bin";
constexpr std::string_view mmdebstrap_advice = "Run 'sudo apt install mmdebstrap uidmap'";

Result<std::string> find_mmdebstrap() {
  std::string program = sys::find_program("mmdebstrap");
  const bool may_map_users = ::geteuid() == 0 || !sys::find_program("newuidmap").empty();
  if (!program.empty() && may_map_users) return program;
  return make_error(
      ErrorId::tool_not_found,
      program.empty() ? "mmdebstrap is not installed" : "mmdebstrap needs 'newuidmap' when it is not run by root",
      std::string(mmdebstrap_advice));
}

constexpr std::string_view c_advice = "Run 'sudo apt install gcc libc6-dev libseccomp-dev'";

// What is compiled with C is runc alone, which takes the rules of a pod's seccomp profile to the kernel by a library.
Result<void> check_c_compiler() {
  if (sys::find_program("gcc").empty()) {
    return make_error(ErrorId::tool_not_found, "gcc is not installed", std::string(c_advice));
  }
  if (!sys::exists("/usr/include/seccomp.h") && !sys::exists("/usr/local/include/seccomp.h")) {
    return make_error(ErrorId::tool_not_found, "The headers of libseccomp are not installed", std::string(c_advice));
  }
  return {};
}

Result<void> check_room(const std::string& folder, long long mib) {
  const long long free_mib = TRY(sys::free_bytes(folder)) >> 20;
  if (free_mib >= mib) return {};
  return make_error(ErrorId::disk_full,
                    "Building needs " + std::to_string(mib) + " MiB on the file system of " + folder + ", which has " +
                        std::to_string(free_mib) + " MiB free",
                    "Free some space, or point SKIFF_CACHE_DIR and GOCACHE at another file system");
}

}  // namespace

Result<std::string> find_go(const Context& ctx) {
  std::string go = sys::find_program("go");
  if (go.empty() && sys::exists("/usr/local/go/bin/go")) go = "/usr/local/go/bin/go";
  if (go.empty()) return make_error(ErrorId::tool_not_found, "Go is not installed", std::string(go_advice));
  const auto version =
      TRY(sys::run_checked(ctx, {.argv = {go, "env", "GOVERSION"}, .env = {{"GOTOOLCHAIN", "local"}}}));
  if (is_new_enough(trim(version.out))) return go;
  return make_error(ErrorId::tool_not_found, go + " is too old: " + std::string(trim(version.out)),
                    std::string(go_advice));
}

Result<Tools> check_requirements(const Context& ctx, std::span<const Part> parts, const std::string& cache,
                                 int extra_mib) {
  Tools tools;
  long long mib = extra_mib;
  for (const auto& part : parts) {
    mib += part.disk_mib;
    const auto* go = std::get_if<GoBuild>(&part.build);
    const bool is_go = go != nullptr;
    if (is_go && go->cgo) TRY(check_c_compiler());
    if (is_go && tools.go.empty()) tools.go = TRY(find_go(ctx));
    if (!is_go && tools.mmdebstrap.empty()) tools.mmdebstrap = TRY(find_mmdebstrap());
  }
  TRY(check_room(cache, mib));
  return tools;
}

bool is_new_enough(std::string_view go_version) {
  constexpr std::string_view prefix = "go";
  if (!go_version.starts_with(prefix)) return false;
  const auto numbers = split(go_version.substr(prefix.size()), '.');
  if (numbers.size() < 2) return false;
  const auto major = parse_int(numbers[0], "version");
  // A release candidate is "go1.27rc1".
  const auto minor = parse_int(numbers[1].substr(0, numbers[1].find_first_not_of("0123456789")), "version");
  return major.ok() && minor.ok() && (*major > 1 || (*major == 1 && *minor >= 26));
}

Error explain_failure(const std::string& what, std::string_view output, const std::string& log_path) {
  constexpr std::array network_signs = {
      "dial tcp",        "no such host",           "Could not resolve",     "Temporary failure resolving",
      "Failed to fetch", "Could not connect",      "TLS handshake timeout", "connection reset by peer",
      "i/o timeout",     "Network is unreachable", "Connection timed out"};
  constexpr std::size_t shown_lines = 8;
  std::vector<std::string> last;
  for (const auto& line : split(trim(output), '\n')) last.push_back(line);
  if (last.size() > shown_lines) last.erase(last.begin(), last.end() - shown_lines);

  const bool network = std::ranges::any_of(
      network_signs, [&](std::string_view sign) { return output.find(sign) != std::string_view::npos; });
  Error error =
      network
          ? make_error(ErrorId::network, "Downloading the sources of '" + what + "' failed",
                       "Check that the Go module proxy and the Debian mirror can be reached (https_proxy, GOPROXY), "
                       "then run the same command: finished parts are kept")
          : make_error(ErrorId::image_build_failed,
                       "Building '" + what + "' failed" + (log_path.empty() ? "" : "; log: " + log_path));
  error.trail = std::move(last);
  return error;
}

}  // namespace skiff::images
