#include "base/json.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

TEST(Json, PathsReachObjectsAndArrays) {
  const auto json = *parse_json(R"({"a":{"b":[{"c":"x"},{"c":7}]},"t":true})");
  EXPECT_EQ(text_at(json, "a.b.0.c"), "x");
  EXPECT_EQ(int_at(json, "a.b.1.c"), 7);
  EXPECT_TRUE(bool_at(json, "t"));
  EXPECT_EQ(find(json, "a.b.2.c"), nullptr);
  EXPECT_EQ(text_at(json, "a.b.1.c", "other"), "other");
  EXPECT_TRUE(array_at(json, "a.none").empty());
}

TEST(Yaml, ScalarsFollowTheCoreSchema) {
  const auto yaml = parse_yaml("i: 7\nf: 1.5\nt: true\nn: null\nq: \"7\"\ns: on\nv: 1.37.2\n", "f");
  ASSERT_TRUE(yaml.ok());
  const Json& value = yaml->at(0).value;
  EXPECT_EQ(to_text(value), R"({"i":7,"f":1.5E0,"t":true,"n":null,"q":"7","s":"on","v":"1.37.2"})");
}

TEST(Yaml, DocumentsLinesAndErrors) {
  const auto yaml = *parse_yaml("a: 1\n---\n---\nb:\n  c: 2\n", "f");
  ASSERT_EQ(yaml.size(), 2U);
  EXPECT_EQ(yaml[1].lines.at("b.c"), 5);
  const auto bad = parse_yaml("a: 1\nb: [\n", "conf.yaml");
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().id, ErrorId::config_invalid);
  EXPECT_EQ(bad.error().what.rfind("conf.yaml:3", 0), 0U) << bad.error().what;
}

TEST(Yaml, ATextWithoutEndIsAnError) {
  for (const char* text : {",", "[],a", "{} ,", "\"x\", \"y\"", "a: 1\n---\n,", "&a [*a]", "&a {b: *a}"}) {
    const auto parsed = parse_yaml(text, "x.yaml");
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().id, ErrorId::config_invalid);
    EXPECT_NE(parsed.error().what.find("x.yaml:"), std::string::npos) << parsed.error().what;
  }
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int times = 0; times < 9; ++times) laughs += before + (times < 8 ? ", " : "]\n");
  }
  EXPECT_FALSE(parse_yaml(laughs, "x.yaml").ok());
}

TEST(Yaml, RoundTripKeepsKinds) {
  const auto json = *parse_json(
      R"({"text":"true","number":"12","empty":"","list":["a",null,1],"map":{"x":false},"cr":"on\r","tab":"\t","nul":"a\u0000b"})");
  EXPECT_EQ((*parse_yaml(to_yaml(json), "f"))[0].value, json);
}

}  // namespace
}  // namespace skiff
