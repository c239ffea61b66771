// Every file of the corpus through its target: what fuzzing has found once cannot come back unseen.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "targets.h"

namespace skiff::fuzz {
namespace {

void replay(const std::string& name, void (*target)(std::string_view)) {
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(SKIFF_SOURCE_DIR "/tests/fuzz/corpus/" + name)) {
    SCOPED_TRACE(file.path().filename().string());
    std::ostringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    target(bytes.str());
    ++files;
  }
  EXPECT_GT(files, 0);
}

TEST(FuzzReplay, HostsText) { replay("hosts_text", hosts_text); }
TEST(FuzzReplay, HelperProtocol) { replay("helper_protocol", helper_protocol); }

}  // namespace
}  // namespace skiff::fuzz
