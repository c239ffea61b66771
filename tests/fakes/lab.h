// SPDX-License-Identifier: Apache-2.0
// The profile 'lab' on the fake driver, for tests of verbs that need no Kubernetes API.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "cluster/store/home.h"
#include "tests/fakes/fake_driver.h"

namespace skiff::fakes {

// A home whose drivers are fake ones, each new and made ready by `prepare`.
inline cluster::Home home_of_fakes(std::string folder, std::function<void(FakeDriver&)> prepare = {}) {
  return {
      cluster::ProfileStore(std::move(folder)),
      [prepare = std::move(prepare)](std::string_view, const std::string&) -> Result<std::unique_ptr<drivers::Driver>> {
        auto driver = std::make_unique<FakeDriver>();
        if (prepare) prepare(*driver);
        return std::unique_ptr<drivers::Driver>(std::move(driver));
      }};
}

inline Result<void> save_lab(const cluster::Home& home, int nodes = 1) {
  ClusterSpec spec;
  spec.profile = "lab";
  spec.driver = "fake";
  spec.kubernetes_version = "v1";
  spec.node_image = "image";
  grow(spec, nodes);
  return home.store.save(spec);
}

}  // namespace skiff::fakes
