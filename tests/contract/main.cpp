// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "contract_test.h"
#include "sys/env.h"
#include "sys/hash.h"

// What drivers remember on this host goes to a folder of this run, so that every run finds it out anew.
int main(int argc, char** argv) {
  const auto cache = std::filesystem::temp_directory_path() / ("skiff-contract-cache-" + skiff::sys::random_hex(6));
  setenv("SKIFF_BUILD_CACHE", skiff::sys::cache_folder().c_str(), 1);  // for what takes minutes to build
  setenv("SKIFF_CACHE_DIR", cache.c_str(), 1);
  ::testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  skiff::contract::drop_subjects();
  std::filesystem::remove_all(cache);
  return result;
}
