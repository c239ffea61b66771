// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iostream>

#include "drivers/common/naming.h"
#include "drivers/docker/image.h"
#include "drivers/docker/resources.h"
#include "drivers/driver_table.h"
#include "subject.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::contract {

namespace {

namespace docker = drivers::docker;

class DockerSubject final : public Subject {
 public:
  DockerSubject()
      : folder_(std::filesystem::temp_directory_path() / ("skiff-contract-" + sys::random_hex(6))),
        driver_(drivers::find_driver("docker")->make("")),
        engine_(docker::find_endpoint()) {
    std::filesystem::create_directories(folder_);
    image_ = {"skiff-contract:" + sys::random_hex(6), make_rootfs(folder_), 0};
  }
  ~DockerSubject() override {
    for (const auto& name : foreign_) forget(docker::remove_container(ctx_, engine_, name));
    for (const auto& reference : {image_.reference, other_image().reference}) {
      forget(docker::remove_container(ctx_, engine_, "skiff-prepare-" + drivers::tag_of(reference)));
      forget(docker::remove_volume(ctx_, engine_, docker::hot_volume_name(reference)));
      forget(engine_.call(ctx_, "DELETE", "/images/" + reference, nullptr, {404}));
    }
    std::filesystem::remove_all(folder_);
  }

  drivers::Driver& driver() override { return *driver_; }
  drivers::NodeImage image() override { return image_; }

  void add_foreign(const std::string& name) override {
    foreign_.push_back(name);
    create(name, {});
    forget(engine_.call(ctx_, "POST", "/containers/" + name + "/start"));
  }

  bool foreign_runs(const std::string& name) override {
    const auto container = engine_.find(ctx_, "/containers/" + name + "/json");
    return container.ok() && *container && bool_at(**container, "State.Running");
  }

  void add_half_made(const ClusterSpec& spec, const NodeSpec& node) override {
    create(node.name, drivers::node_labels(spec, node));
  }

 private:
  template <class T>
  static void forget(const Result<T>& result) {
    if (!result.ok()) std::cerr << "contract suite: " << result.error().what << '\n';
  }
  void create(const std::string& name, const drivers::Labels& labels) {
    const JsonObject description{{"Image", image_.reference}, {"Labels", docker::to_json(labels)}};
    forget(engine_.call(ctx_, "POST", "/containers/create?name=" + name, description));
  }

  NoEvents events_;
  Context ctx_{{}, Deadline::never(), &events_};
  std::filesystem::path folder_;
  std::unique_ptr<drivers::Driver> driver_;
  docker::Engine engine_;
  drivers::NodeImage image_;
  std::vector<std::string> foreign_;
};

}  // namespace

std::string make_rootfs(const std::string& folder, const std::string& release) {
  const std::string box = sys::read_file(SKIFF_CONTRACT_BOX).value_or("");
  FileTree tree;
  for (const auto* path :
       {"/sbin/skiff-init", "/usr/lib/skiff/prepare", "/usr/bin/cat", "/usr/bin/store", "/usr/bin/fail",
        "/usr/bin/streams", "/usr/bin/value", "/usr/bin/socat", "/usr/bin/terminal"}) {
    tree.add(path, box, 0755);
  }
  for (const auto* path : {"/var/lib/from-image", "/skiff/hot/placeholder", "/etc/hostname", "/proc/placeholder"}) {
    tree.add(path, "");
  }
  tree.add("/etc/release", release);
  const std::string tar = folder + "/rootfs.tar";
  std::ofstream(tar, std::ios::binary) << to_tar(tree);
  return tar;
}

Provider docker_provider() {
  return {"docker", []() -> std::unique_ptr<Subject> { return std::make_unique<DockerSubject>(); },
          [] {
            NoEvents events;
            const Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
            const auto health = drivers::find_driver("docker")->make("")->check(ctx);
            return health.ok() ? std::string() : health.error().what;
          }};
}

}  // namespace skiff::contract
