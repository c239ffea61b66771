// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/face.h"

#include <algorithm>
#include <array>

#include "cli/minikube/files.h"
#include "cli/minikube/line.h"
#include "cli/minikube/terminal.h"
#include "cli/settings.h"
#include "sys/env.h"
#include "sys/log.h"

namespace skiff::cli::minikube {
namespace {

// The commands after which the files may have to say something else.
constexpr auto changing = std::to_array<std::string_view>(
    {"start", "stop", "delete", "node add", "node delete", "addons enable", "addons disable", "profile adopt"});

class Minikube final : public Face {
 public:
  std::string_view default_profile() const override { return "minikube"; }

  Result<std::vector<std::string>> translate(std::span<const Command> commands,
                                             std::vector<std::string> words) override {
    Translated line = TRY(translate_line(commands, std::move(words), sys::env));
    shape_ = line.shape;
    return std::move(line.words);
  }

  std::unique_ptr<Terminal> terminal(const GlobalFlags& flags, const Screen& screen) override {
    return minikube::terminal(
        {profile_of(flags), flags.json, shape_, [] { return cluster_configs(cluster::user_home()); }}, screen);
  }

  void settle(const Session& session, const Command& command) override {
    if (std::ranges::find(changing, command.name) == changing.end()) return;
    const auto written = write_files(session.home, home_folder(sys::env));
    if (!written.ok()) sys::log::warn(written.error().what);
  }

 private:
  // Of a line that may be wrong, for what is said of it; the command itself reads settings strictly.
  std::string profile_of(const GlobalFlags& flags) const {
    const auto settings = load_settings(cluster::user_home().folder()).value_or(Settings());
    return chosen_profile(flags.profile, settings, default_profile());
  }

  Shape shape_;
};

}  // namespace

std::unique_ptr<Face> face() {
  take_home();
  return std::make_unique<Minikube>();
}

}  // namespace skiff::cli::minikube
