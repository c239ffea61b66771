// SPDX-License-Identifier: Apache-2.0
#include "model/registries.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

TEST(Registries, AnInsecureOneIsKeptAsImagesNameIt) {
  for (const std::string text : {"reg.lab:5000", "http://reg.lab:5000", "https://reg.lab:5000/"}) {
    EXPECT_EQ(parse_insecure_registry(text).value(), "reg.lab:5000");
  }
  EXPECT_EQ(parse_insecure_registry("[fd00::1]:5000").value(), "[fd00::1]:5000");
}

TEST(Registries, AMirrorIsAnUrl) {
  EXPECT_EQ(parse_registry_mirror("https://mirror.lab/").value(), "https://mirror.lab");
  EXPECT_EQ(parse_registry_mirror("http://10.1.2.3:5000").value(), "http://10.1.2.3:5000");
}

TEST(Registries, NonsenseIsRefused) {
  for (const std::string text : {"", "10.0.0.0/24", "reg/path", "..", "../etc", "-x", "a b", "a\"b", "http://"}) {
    const auto parsed = parse_insecure_registry(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().id, ErrorId::usage);
  }
  for (const std::string text : {"", "mirror.lab", "ftp://mirror.lab", "https://", "https://a\"b", "https://a\nb"}) {
    const auto parsed = parse_registry_mirror(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().id, ErrorId::usage);
  }
}

TEST(Registries, AreKeptByTheProfile) {
  const Registries registries{{"reg.lab:5000"}, {"https://mirror.lab"}};
  EXPECT_EQ(registries_from(to_json(registries)).value(), registries);
  EXPECT_TRUE(to_json(Registries()).empty());
  EXPECT_EQ(registries_from(JsonObject{{"insecure", JsonArray{"../etc"}}}).error().id, ErrorId::config_invalid);
  EXPECT_EQ(registries_from(JsonObject{{"mirrors", JsonArray{5}}}).error().id, ErrorId::config_invalid);
}

}  // namespace
}  // namespace skiff
