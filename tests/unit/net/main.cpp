// SPDX-License-Identifier: Apache-2.0
// The tests of net/, and the two programs that they start in the background: an agent and a privileged helper.
#include <gtest/gtest.h>

#include "tests/unit/net/programs.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() > 1 && words[1] == "__agent") return skiff::net::test::run_agent(words);
  if (words.size() > 1 && words[1] == "__helper") return skiff::net::test::run_helper(words);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
