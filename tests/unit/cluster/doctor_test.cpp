// SPDX-License-Identifier: Apache-2.0
#include "cluster/doctor.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "drivers/driver_table.h"
#include "tests/fakes/fake_driver.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

class DoctorTest : public testing::Test {
 protected:
  // What is found about each driver.
  std::map<std::string, Finding> drivers_found() {
    std::map<std::string, Finding> found;
    for (const auto& finding : doctor(ctx, home)) {
      if (drivers::find_driver(finding.name).ok()) found[finding.name] = finding;
    }
    return found;
  }

  std::set<std::string, std::less<>> works;
  Home home{ProfileStore("/nonexistent"),
            [this](std::string_view name, const std::string&) -> Result<std::unique_ptr<drivers::Driver>> {
              auto driver = std::make_unique<fakes::FakeDriver>();
              if (!works.contains(name)) {
                driver->before = [](std::string_view, std::string_view) -> Result<void> {
                  return make_error(ErrorId::tool_not_found, "It is not installed", "Install it");
                };
              }
              return std::unique_ptr<drivers::Driver>(std::move(driver));
            }};
  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
};

TEST_F(DoctorTest, OneDriverIsEnough) {
  for (const auto& info : drivers::all_drivers()) {
    works = {std::string(info.name)};
    for (const auto& [name, finding] : drivers_found()) {
      const bool good = name == info.name;
      EXPECT_EQ(finding.verdict, good ? Verdict::good : Verdict::warning) << name;
      EXPECT_EQ(finding.advice, good ? "" : "Install it") << name;
    }
  }
}

TEST_F(DoctorTest, NoDriverIsBad) {
  const auto found = drivers_found();
  EXPECT_EQ(found.size(), drivers::all_drivers().size());
  for (const auto& [name, finding] : found) EXPECT_EQ(finding.verdict, Verdict::bad) << name;
}

TEST_F(DoctorTest, AProxyThatSwallowsAClustersAddressIsTold) {
  const fakes::TemporaryHome temporary;
  home.store = ProfileStore(temporary.home());
  ClusterSpec spec;
  spec.profile = "lab";
  spec.driver = "fake";
  spec.kubernetes_version = "v1";
  spec.node_image = "image";
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  ASSERT_TRUE(home.store.save(spec).ok());
  const auto found = [&](const std::string& name) {
    for (auto& finding : doctor(ctx, home)) {
      if (finding.name == name) return finding;
    }
    return Finding{};
  };
  for (const auto* name : {"HTTP_PROXY", "http_proxy", "https_proxy", "NO_PROXY", "no_proxy"}) ::unsetenv(name);
  ::setenv("HTTPS_PROXY", "http://ann:secret@localhost:3128", 1);
  const auto swallowed = found("proxy");
  EXPECT_EQ(swallowed.verdict, Verdict::warning);
  EXPECT_NE(swallowed.what.find("cluster 'lab'"), std::string::npos) << swallowed.what;
  EXPECT_NE(swallowed.advice.find("192.168.80.2"), std::string::npos) << swallowed.advice;
  EXPECT_EQ(found("proxy-of-nodes").verdict, Verdict::warning) << "nodes do not find it";
  EXPECT_EQ(found("proxy-of-nodes").what.find("secret"), std::string::npos);
  ::setenv("NO_PROXY", "192.168.80.0/24", 1);
  ::setenv("HTTPS_PROXY", "http://proxy.test:3128", 1);
  EXPECT_EQ(found("proxy").verdict, Verdict::good);
  EXPECT_EQ(found("proxy-of-nodes").verdict, Verdict::good);
  ::unsetenv("HTTPS_PROXY");
  ::unsetenv("NO_PROXY");
}

}  // namespace
}  // namespace skiff::cluster
