#include "cluster/doctor.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "drivers/driver_table.h"
#include "tests/fakes/fake_driver.h"

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

}  // namespace
}  // namespace skiff::cluster
