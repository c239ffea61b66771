// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>

#include "drivers/driver_table.h"
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/storage.h"
#include "images/machine_image.h"
#include "subject.h"
#include "sys/env.h"
#include "sys/hash.h"

namespace skiff::contract {

namespace {

namespace libvirt = drivers::libvirt;

std::unique_ptr<drivers::Driver> make_driver() { return drivers::find_driver("libvirt").value().make(""); }

class LibvirtSubject final : public Subject {
 public:
  LibvirtSubject()
      : folder_(std::filesystem::temp_directory_path() / ("skiff-contract-" + sys::random_hex(6))),
        connection_(std::string(libvirt::default_uri)),
        driver_(make_driver()) {
    image_ = make_image("first");
  }
  ~LibvirtSubject() override {
    for (const auto& name : foreign_)
      with_domain(name, [&](virDomainPtr domain) {
        api().virDomainDestroy(domain);
        api().virDomainUndefineFlags(domain, 0);
      });
    if (const auto pool = libvirt::ensure_pool(ctx_, connection_); pool.ok()) {
      for (const auto& image : {image_, other_}) {
        if (image.reference.empty()) continue;
        for (const auto* kind : {"complete", "disk", "initrd", "kernel"}) {
          forget(libvirt::remove_volume(connection_, *pool, libvirt::image_volume(image.reference, kind)));
        }
      }
    }
    std::filesystem::remove_all(folder_);
  }

  drivers::Driver& driver() override { return *driver_; }
  drivers::NodeImage image() override { return image_; }
  drivers::NodeImage other_image() override {
    if (other_.reference.empty()) other_ = make_image("second");
    return other_;
  }

  // It has nothing to boot from, and so it waits for ever.
  void add_foreign(const std::string& name) override {
    foreign_.push_back(name);
    define("<domain type='qemu'><name>" + name +
           "</name><memory unit='MiB'>16</memory><os><type arch='x86_64' machine='q35'>hvm</type></os></domain>");
    with_domain(name, [&](virDomainPtr domain) { api().virDomainCreate(domain); });
  }

  bool foreign_runs(const std::string& name) override {
    bool runs = false;
    with_domain(name, [&](virDomainPtr domain) { runs = api().virDomainIsActive(domain) == 1; });
    return runs;
  }

  void add_half_made(const ClusterSpec& spec, const NodeSpec& node) override {
    libvirt::DomainPlan plan;
    plan.name = node.name;
    plan.labels = drivers::node_labels(spec, node);
    plan.memory_mib = 256;
    plan.emulated = true;
    plan.kernel = plan.initrd = plan.disk = plan.tree = plan.console = "/nonexistent";
    plan.network = drivers::network_name(spec);
    plan.mac = libvirt::mac_of(node.address);
    define(libvirt::domain_xml(plan));
  }

 private:
  drivers::NodeImage make_image(const std::string& release) {
    const std::string folder = folder_ / release;
    std::filesystem::create_directories(folder);
    drivers::NodeImage image;
    image.reference = "skiff-contract:" + sys::random_hex(6);
    const std::string cache = sys::cache_folder();
    setenv("SKIFF_CACHE_DIR", sys::env("SKIFF_BUILD_CACHE").value_or(cache).c_str(), 1);
    const auto files = images::write_machine(ctx_, make_rootfs(folder, release), folder);
    setenv("SKIFF_CACHE_DIR", cache.c_str(), 1);
    forget(files);
    if (!files.ok()) return image;
    image.kernel = files->kernel;
    image.initrd = files->initrd;
    image.disk = files->disk;
    return image;
  }

  template <class T>
  static void forget(const Result<T>& result) {
    if (result.ok()) return;
    std::cerr << "contract suite: " << result.error().what << '\n';
    for (const auto& line : result.error().trail) std::cerr << "  " << line << '\n';
  }
  const libvirt::Library& api() { return connection_.api(); }

  void define(const std::string& xml) {
    const auto conn = connection_.open(ctx_);
    if (!conn.ok()) return forget(conn);
    const virDomainPtr domain = api().virDomainDefineXML(*conn, xml.c_str());
    if (domain == nullptr) return forget(Result<void>(connection_.failure("define")));
    api().virDomainFree(domain);
  }

  void with_domain(const std::string& name, const std::function<void(virDomainPtr)>& act) {
    const auto conn = connection_.open(ctx_);
    if (!conn.ok()) return forget(conn);
    const virDomainPtr domain = api().virDomainLookupByName(*conn, name.c_str());
    if (domain == nullptr) return;
    act(domain);
    api().virDomainFree(domain);
  }

  NoEvents events_;
  Context ctx_{{}, Deadline::never(), &events_};
  std::filesystem::path folder_;
  libvirt::Connection connection_;
  std::unique_ptr<drivers::Driver> driver_;
  drivers::NodeImage image_;
  drivers::NodeImage other_;
  std::vector<std::string> foreign_;
};

}  // namespace

Provider libvirt_provider() {
  return {"libvirt", []() -> std::unique_ptr<Subject> { return std::make_unique<LibvirtSubject>(); },
          [] {
            NoEvents events;
            const Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
            const auto health = make_driver()->check(ctx);
            return health.ok() ? std::string() : health.error().what;
          }};
}

}  // namespace skiff::contract
