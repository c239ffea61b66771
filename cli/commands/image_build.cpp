// SPDX-License-Identifier: Apache-2.0
#include "base/strings.h"
#include "cli/command.h"
#include "cluster/images/image_name.h"
#include "cluster/images/node_images.h"
#include "cluster/nodes/node_access.h"
#include "images/fetch.h"
#include "sys/process.h"

namespace skiff::cli {
namespace {

Result<std::map<std::string, std::string>> environment(const Args& args) {
  std::map<std::string, std::string> env;
  for (const auto& each : args.list("build-env")) {
    const auto equals = each.find('=');
    if (equals == std::string::npos || equals == 0) {
      return make_error(ErrorId::usage, "--build-env must be KEY=VALUE, not '" + each + "'");
    }
    env[each.substr(0, equals)] = each.substr(equals + 1);
  }
  return env;
}

// The proxies of this cluster's nodes, or of the environment, by the names that Docker hands to a build without keeping
// them. Those that the user gives win.
Result<std::map<std::string, std::string>> proxies_of(const ClusterSpec& spec, const Args& args) {
  const Proxies proxies = spec.proxies.any() ? spec.proxies : TRY(images::proxies_here());
  if (!proxies.any()) return std::map<std::string, std::string>();
  std::map<std::string, std::string> all = {
      {"HTTP_PROXY", proxies.http}, {"HTTPS_PROXY", proxies.https}, {"NO_PROXY", proxies.past}};
  for (const auto& given : args.list("build-arg")) all.erase(given.substr(0, given.find('=')));
  return all;
}

std::vector<std::string> docker_line(const Args& args, const std::string& context,
                                     const std::map<std::string, std::string>& proxies) {
  std::vector<std::string> argv = {"docker", "build"};
  const auto pass = [&](std::string_view flag) {
    const auto given = args.given.find(flag);
    if (given == args.given.end()) return;
    for (const auto& value : given->second) argv.push_back("--" + std::string(flag) + "=" + value);
  };
  for (const auto* flag : {"tag", "file", "build-arg", "target", "platform"}) pass(flag);
  for (const auto& [name, value] : proxies) {
    if (!value.empty()) argv.push_back("--build-arg=" + name + "=" + value);
  }
  for (const auto& option : args.list("build-opt")) argv.push_back("--" + option);
  argv.push_back(context);
  return argv;
}

Result<Answer> run(Session& session, const Args& args) {
  const std::string profile = TRY(session.profile());
  const auto tags = args.list("tag");
  if (tags.empty()) {
    return make_error(ErrorId::usage, "The image needs a name, or no pod could use it", "Give it one: --tag NAME:TAG");
  }
  for (const auto& tag : tags) TRY(cluster::full_image_name(tag));
  // A cluster that does not run is said before minutes of building.
  const auto opened = TRY(cluster::open_profile(session.home, profile));
  TRY(cluster::running_nodes(session.ctx, opened));
  const auto proxies = TRY(proxies_of(opened.spec, args));
  sys::Command build{.argv = docker_line(args, args.words.empty() ? "." : args.words[0], proxies),
                     .env = TRY(environment(args))};
  build.inherits_input = true;
  build.on_line = [&](std::string_view line) { session.err << line << '\n'; };
  auto built = sys::run(session.ctx, build);
  if (!built.ok()) {
    if (built.error().id == ErrorId::tool_not_found) {
      built.error().advice = "Images are built by the Docker of this host; install its command 'docker'";
    }
    return built.error();
  }
  if (built->exit_code != 0) {
    return make_error(ErrorId::image_build_failed,
                      "'docker build' has ended with exit code " + std::to_string(built->exit_code),
                      "Its own words stand above");
  }
  cluster::LoadOptions options;
  options.platform = args.text("platform");
  const auto names = TRY(cluster::load_images(session.ctx, session.home, profile, tags, options));
  if (args.has("push")) {
    for (const auto& tag : tags) TRY(cluster::push_image(session.ctx, session.home, profile, tag));
  }
  Answer answer;
  answer.data["images"] = JsonArray(names.begin(), names.end());
  answer.message = "Every node of '" + profile + "' has " + join(names, ", ") + " now.";
  return answer;
}

}  // namespace

Command image_build_command() {
  return {
      .name = "image build",
      .group = Group::images,
      .summary = "Build an image with this host's Docker, and copy it into every node",
      .help =
          "CONTEXT is what 'docker build' takes: a folder (the current one by default), '-' for a Dockerfile or a tar\n"
          "archive on standard input, or a URL. The nodes get the layers that they lack.\n\n"
          "Examples\n"
          "  skiff image build -t my-app:1.0 .\n"
          "  tar c app | skiff image build -t my-app:1.0 -f app/Dockerfile -",
      .positionals = {"CONTEXT", 0, 1},
      .flags = {{"tag", 't', "NAME:TAG", "the image's name; may be repeated"},
                {"file", 'f', "FILE", "the Dockerfile, when it is not CONTEXT/Dockerfile"},
                {"build-arg", 0, "KEY=VALUE", "a value for an ARG of the Dockerfile; may be repeated"},
                {"target", 0, "STAGE", "build this stage of it"},
                {"platform", 0, "OS/ARCH", "build for this platform"},
                {"build-opt", 0, "FLAG", "any other flag of 'docker build', without its dashes: no-cache"},
                {"build-env", 0, "KEY=VALUE", "a variable of Docker's environment"},
                {"push", 0, "", "push it to its registry afterwards, from a node"}},
      .run = run,
  };
}

}  // namespace skiff::cli
