// SPDX-License-Identifier: Apache-2.0
#include "subject.h"
#include "tests/fakes/fake_driver.h"

namespace skiff::contract {

namespace {

class FakeSubject final : public Subject {
 public:
  drivers::Driver& driver() override { return driver_; }
  drivers::NodeImage image() override { return {"skiff-contract:fake", "/any.tar", 0}; }
  void add_foreign(const std::string& name) override {
    driver_.machines[name].foreign = true;
    driver_.machines[name].node.state = drivers::NodeState::running;
  }
  bool foreign_runs(const std::string& name) override {
    return driver_.machines.contains(name) && driver_.machines[name].node.state == drivers::NodeState::running;
  }
  void add_half_made(const ClusterSpec& spec, const NodeSpec& node) override {
    driver_.machines[node.name].node = {
        {identity_of(spec), node.name}, node.role, drivers::NodeState::broken, node.address, spec.node_image, ""};
  }

 private:
  fakes::FakeDriver driver_;
};

}  // namespace

Provider fake_provider() {
  return {"fake", []() -> std::unique_ptr<Subject> { return std::make_unique<FakeSubject>(); },
          [] { return std::string(); }};
}

}  // namespace skiff::contract
