// SPDX-License-Identifier: Apache-2.0
// What the contract suite needs of a provider besides its Driver.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "drivers/driver.h"

namespace skiff::contract {

class Subject {
 public:
  virtual ~Subject() = default;  // removes what the subject itself has made
  virtual drivers::Driver& driver() = 0;
  virtual drivers::NodeImage image() = 0;
  // With the same programs, under another name.
  virtual drivers::NodeImage other_image() {
    auto other = image();
    other.reference += "x";
    return other;
  }
  // A machine of that name that skiff did not make, running.
  virtual void add_foreign(const std::string& name) = 0;
  virtual bool foreign_runs(const std::string& name) = 0;
  // What a start leaves that was killed between making a node and starting it.
  virtual void add_half_made(const ClusterSpec& spec, const NodeSpec& node) = 0;
};

struct Provider {
  std::string name;
  std::function<std::unique_ptr<Subject>()> make;
  // Why the provider cannot be tested on this machine; empty when it can.
  std::function<std::string()> missing;
};
inline std::ostream& operator<<(std::ostream& out, const Provider& provider) { return out << provider.name; }

Provider fake_provider();
Provider docker_provider();
Provider libvirt_provider();

// The image's root file system, made of the program contract_box under several names: a tar file's path. `release` is
// what its /etc/release says.
std::string make_rootfs(const std::string& folder, const std::string& release = "first");

}  // namespace skiff::contract
