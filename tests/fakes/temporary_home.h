// SPDX-License-Identifier: Apache-2.0
// A home of skiff and a kubeconfig that are nobody's, for as long as this lives; the environment says so.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "sys/env.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::fakes {

class TemporaryHome {
 public:
  TemporaryHome() {
    std::filesystem::create_directories(path);
    for (const auto& [name, value] : {std::pair{"SKIFF_HOME", path + "/home"}, {"KUBECONFIG", kubeconfig()}}) {
      before_[name] = sys::env(name);
      ::setenv(name, value.c_str(), 1);
    }
  }
  TemporaryHome(const TemporaryHome&) = delete;
  TemporaryHome& operator=(const TemporaryHome&) = delete;
  ~TemporaryHome() {
    for (const auto& [name, value] : before_) value ? ::setenv(name, value->c_str(), 1) : ::unsetenv(name);
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  std::string home() const { return path + "/home"; }
  std::string kubeconfig() const { return path + "/kubeconfig"; }
  std::string kubeconfig_text() const { return sys::read_file(kubeconfig()).value_or(""); }
  void write_kubeconfig(const std::string& text) const { std::ofstream(kubeconfig()) << text; }

  const std::string path = std::filesystem::temp_directory_path() / ("skiff-home-" + sys::random_hex(6));

 private:
  std::map<const char*, std::optional<std::string>> before_;
};

}  // namespace skiff::fakes
