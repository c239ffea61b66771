// SPDX-License-Identifier: Apache-2.0
// The fixture of all driver contract tests: one provider's subject, a cluster description, and cleaning up after each
// test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "subject.h"

namespace skiff::contract {

template <class T>
::testing::AssertionResult good(const Result<T>& result) {
  if (result.ok()) return ::testing::AssertionSuccess();
  auto failure = ::testing::AssertionFailure() << "[" << info(result.error().id).name << "] " << result.error().what;
  for (const auto& line : result.error().trail) failure << "\n  " << line;
  return failure;
}

template <class T>
::testing::AssertionResult fails_with(ErrorId id, const Result<T>& result) {
  if (!result.ok() && result.error().id == id) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << (result.ok() ? "it succeeded" : result.error().what);
}

// The provider's subject, made at the first call and kept until drop_subjects(): its image serves all tests, and one
// running node those that only ask something of it.
struct Shared {
  std::unique_ptr<Subject> subject;
  std::optional<PlacedSpec> cluster = std::nullopt;
};
Shared& shared_of(const Provider& provider);
void drop_subjects();

class ContractTest : public ::testing::Test {
 protected:
  explicit ContractTest(Provider provider) : provider_(std::move(provider)) {}
  void SetUp() override;
  void TearDown() override;

  drivers::Driver& driver() { return subject().driver(); }
  Subject& subject() { return *shared_->subject; }

  PlacedSpec make_spec(int nodes = 2);
  // Another cluster of the name of `spec`, of somebody else.
  PlacedSpec namesake();
  // Makes the network, after which the nodes' addresses are known.
  void join_network(PlacedSpec& cluster);
  static FileTree tree(std::string content = "hello");
  // Makes the network and the first node of `spec`.
  drivers::NodeId start_first();
  // The node that runs for all, which has to be left as it is; `spec` becomes that of its cluster. Booting a node for
  // each test would take most of the time.
  drivers::NodeId share_first();
  // A command that can be run; its exit code may be anything.
  drivers::Captured run(const drivers::NodeId& id, std::vector<std::string> argv, std::string input = {});
  std::vector<drivers::ObservedNode> seen(const ClusterSpec& cluster);

  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::minutes(5)), &events};  // machines may be emulated
  PlacedSpec spec{{}, {}};

 private:
  Provider provider_;
  Shared* shared_ = nullptr;
  std::vector<ClusterId> clusters_;
};

}  // namespace skiff::contract
