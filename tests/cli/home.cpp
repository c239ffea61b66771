// SPDX-License-Identifier: Apache-2.0
#include "home.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/strings.h"
#include "model/profile.h"
#include "model/versions.h"
#include "sys/process.h"

namespace skiff::test {

namespace fs = std::filesystem;

Json Ran::last_line() const {
  const auto lines = split(trim(out), '\n');
  const auto parsed = parse_json(lines.back());
  const Json* data = parsed.ok() ? find(*parsed, "data") : nullptr;
  EXPECT_NE(data, nullptr) << out;
  if (data == nullptr || !data->is_object()) return {};
  JsonObject event = data->get_object();
  event["type"] = text_at(*parsed, "type");
  return event;
}

Home::Home() {
  std::string pattern = (fs::temp_directory_path() / "skiff-cli-XXXXXX").string();
  folder_ = ::mkdtemp(pattern.data());
  env = {{"HOME", folder_},
         {"SKIFF_HOME", path("skiff")},
         {"SKIFF_CACHE_DIR", ""},
         {"SKIFF_PROFILE", ""},
         {"KUBECONFIG", path("kubeconfig")},
         {"DOCKER_HOST", "unix://" + path("no-docker.sock")},
         {"DOCKER_CONTEXT", ""},
         {"NO_COLOR", "1"}};
}

Home::~Home() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

Ran Home::run(std::vector<std::string> argv) const {
  NoEvents events;
  sys::Command command;
  command.argv = std::move(argv);
  command.env = env;
  const auto output = sys::run({{}, Deadline::in(std::chrono::seconds(60)), &events}, command);
  EXPECT_TRUE(output.ok()) << output.error().what;
  return output.ok() ? Ran{output->exit_code, output->out, output->err} : Ran{-1, "", ""};
}

Ran Home::skiff(const std::vector<std::string>& args) const {
  std::vector<std::string> argv = {SKIFF_BINARY};
  argv.insert(argv.end(), args.begin(), args.end());
  return run(argv);
}

bool Home::as_nobody_possible() { return ::geteuid() != 0 || !sys::find_program("setpriv").empty(); }

void Home::let_everybody_in() const {
  fs::copy_file(SKIFF_BINARY, path("skiff-copy"),
                fs::copy_options::skip_existing);  // its folder may be closed to others
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) fs::permissions(entry, fs::perms::all);
  fs::permissions(folder_, fs::perms::all);
}

Ran Home::skiff_as_nobody(const std::vector<std::string>& args) const {
  std::vector<std::string> argv;
  if (::geteuid() == 0) argv = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  argv.push_back(path("skiff-copy"));
  argv.insert(argv.end(), args.begin(), args.end());
  return run(argv);
}

void Home::write(const std::string& name, const std::string& content) const {
  fs::create_directories(fs::path(path(name)).parent_path());
  std::ofstream(path(name)) << content;
}

std::string Home::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path(name)).rdbuf();
  return text.str();
}

void Home::add_profile(const std::string& name) const {
  ClusterSpec spec;
  spec.profile = name;
  spec.driver = "docker";
  spec.kubernetes_version = versions::kubernetes;
  spec.node_image = "skiff-node:test";
  grow(spec, 3);
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  write("skiff/profiles/" + name + "/profile.yaml", to_profile_yaml(spec));
}

}  // namespace skiff::test
