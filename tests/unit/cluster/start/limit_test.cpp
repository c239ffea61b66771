#include <gtest/gtest.h>

#include "cluster/images/own_image.h"
#include "cluster/start/start.h"
#include "tests/fakes/fake_world.h"
#include "tests/fakes/temporary_home.h"

namespace skiff::cluster {
namespace {

// An image may be built or imported for many minutes; the time that a cluster has to come up is not counted from
// before.
TEST(StartLimit, BeginsWhenTheImagesAreThere) {
  const fakes::TemporaryHome temporary;
  fakes::FakeWorld world;
  world.provider.image_references.insert(own_image_reference(world.provider.traits_value));
  NoEvents events;
  StartRequest request;
  request.profile = "lab";
  request.wait_timeout = std::chrono::seconds(60);
  const Context ctx{{}, Deadline::never(), &events};
  ASSERT_TRUE(cluster::start(ctx, world.home(temporary.home()), request).ok());
  EXPECT_TRUE(world.provider.unlimited.contains("ensure_image"));
  for (const auto* method : {"ensure_network", "ensure_node", "exec"}) {
    EXPECT_FALSE(world.provider.unlimited.contains(method)) << method;
  }
}

}  // namespace
}  // namespace skiff::cluster
