// SPDX-License-Identifier: Apache-2.0
// A user of skiff with a temporary home: runs the real binary and keeps what it said.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"

namespace skiff::test {

struct Ran {
  int exit_code = 0;
  std::string out;
  std::string err;
  Json last_line() const;  // of stdout: an event's data, with its type as "type"
};

class Home {
 public:
  Home();  // in a new temporary folder
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  Ran skiff(const std::vector<std::string>& args) const;
  // The same by a user that is not root, after let_everybody_in().
  Ran skiff_as_nobody(const std::vector<std::string>& args) const;
  static bool as_nobody_possible();
  void let_everybody_in() const;

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  void write(const std::string& name, const std::string& content) const;  // makes its folders
  std::string read(const std::string& name) const;
  // A profile as a past start has left it.
  void add_profile(const std::string& name) const;

  std::map<std::string, std::string> env;  // of the binary; change it at will

 private:
  Ran run(std::vector<std::string> argv) const;
  std::string folder_;
};

}  // namespace skiff::test
