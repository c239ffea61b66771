// SPDX-License-Identifier: Apache-2.0
// Every file of a target's corpus through the target: what was found once cannot come back unseen. And then texts made
// from them, always the same ones and as many on every machine: a little fuzzing in every run of the tests. With
// SKIFF_FUZZ_SECONDS, each target gets others in every run, for that long, and those that reach new places of a parser
// are changed further. (libfuzzer.cpp is for more of it.)
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "coverage.h"
#include "mutate.h"
#include "targets.h"

namespace skiff::fuzz {
namespace {

constexpr int texts_per_run = 2000;
constexpr unsigned longest_text = 20;  // seconds for one of them, also under a sanitizer on a busy machine

std::string current;  // the input that a target has just now

// As bytes, so that it can be put into a file of the corpus: printf "$(what this prints)" > FILE.
void print_current() {
  std::fprintf(stderr, "the input, as printf takes it: '");
  for (const char byte : current) std::fprintf(stderr, "\\%03o", static_cast<unsigned char>(byte));
  std::fprintf(stderr, "'\n");
}

void on_signal(int signal) {
  print_current();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

constexpr std::array signals = {SIGABRT, SIGALRM, SIGFPE, SIGSEGV};

struct Target {
  const char* name;
  void (*run)(std::string_view);
};
void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

class Fuzz : public testing::TestWithParam<Target> {
 protected:
  Fuzz() {
    for (const int signal : signals) std::signal(signal, on_signal);
  }
  ~Fuzz() override {
    for (const int signal : signals) std::signal(signal, SIG_DFL);
  }

  static std::map<std::string, std::string> corpus() {
    std::map<std::string, std::string> files;
    const std::string folder = std::string(SKIFF_SOURCE_DIR "/tests/fuzz/corpus/") + GetParam().name;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      std::ostringstream bytes;
      bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
      files[file.path().filename().string()] = bytes.str();
    }
    return files;
  }
  static void run(const std::string& text) {
    current = text;
    ::alarm(longest_text);
    try {
      GetParam().run(text);
    } catch (const std::exception& error) {
      print_current();
      FAIL() << "an exception: " << error.what();
    }
    ::alarm(0);
  }
};

TEST_P(Fuzz, Replay) {
  const auto files = corpus();
  EXPECT_FALSE(files.empty());
  for (const auto& [name, text] : files) {
    SCOPED_TRACE(name);
    run(text);
  }
}

TEST_P(Fuzz, Mutations) {
  std::vector<std::string> texts;
  for (const auto& [name, text] : corpus()) texts.push_back(text);
  ASSERT_FALSE(texts.empty());
  const char* seconds = std::getenv("SKIFF_FUZZ_SECONDS");
  if (seconds == nullptr) {
    Mutator mutator(std::move(texts));
    for (int count = 0; count < texts_per_run && !HasFailure(); ++count) run(mutator.next());
    return;
  }
  Mutator mutator(std::move(texts), std::random_device()());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(seconds));
  int count = 0;
  int kept = 0;
  for (; std::chrono::steady_clock::now() < end && !HasFailure(); ++count) {
    run(mutator.next());
    if (!reached_new_places()) continue;
    mutator.keep(current);
    ++kept;
  }
  std::cout << count << " texts, " << kept << " of them reached new places\n";
}

constexpr std::array<Target, 12> targets = {{{"agent_protocol", agent_protocol},
                                             {"cpio", cpio},
                                             {"docker_multiplex", docker_multiplex},
                                             {"helper_protocol", helper_protocol},
                                             {"hosts_text", hosts_text},
                                             {"http_answer", http_answer},
                                             {"image_archive", image_archive},
                                             {"kubeconfig", kubeconfig},
                                             {"mux_frames", mux_frames},
                                             {"tar", tar},
                                             {"xml_tags", xml_tags},
                                             {"yaml", yaml}}};
INSTANTIATE_TEST_SUITE_P(Targets, Fuzz, testing::ValuesIn(targets), [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace skiff::fuzz
