// SPDX-License-Identifier: Apache-2.0
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

std::string read(const std::string& text) {
  const auto yaml = parse_yaml(text, "f");
  return yaml.ok() && yaml->size() == 1 ? to_text(yaml->front().value) : "error";
}

TEST(Yaml, ScalarsAreKubernetesOwn) {
  EXPECT_EQ(read("i: 7\nf: 1.5\nt: true\nz: null\nq: \"7\"\nv: 1.37.2\n"),
            R"({"i":7,"f":1.5E0,"t":true,"z":null,"q":"7","v":"1.37.2"})");
  EXPECT_EQ(read("[0400, 0644, 0o400, 0x1F, 0b11, 1_000, +5, -010, 09, 1.0, 1e3, .5, 18446744073709551615]"),
            "[256,420,256,31,3,1000,5,-8,9,1,1000,5E-1,18446744073709551615]");
  EXPECT_EQ(read("[yes, On, y, off, No, 'no', \"on\", yEs, ~, NULL, Null]"),
            R"([true,true,true,false,false,"no","on","yEs",null,null,null])");
  EXPECT_EQ(read("[2024-01-01, 1:30, 0x, 1.2.3, -, --1, +-1, 0b2, !!str 12, !!str yes]"),
            R"(["2024-01-01","1:30","0x","1.2.3","-","--1","+-1","0b2","12","yes"])");
}

TEST(Yaml, MergeKeysAndKeysThatAreNoTexts) {
  EXPECT_EQ(read("a: &a {x: 1, k: 2}\nb:\n  <<: *a\n  x: 3\n"), R"({"a":{"x":1,"k":2},"b":{"x":3,"k":2}})");
  EXPECT_EQ(read("b: {<<: [{x: 1}, {x: 2, k: 3}]}"), R"({"b":{"x":1,"k":3}})");
  EXPECT_EQ(read("'<<': 1"), R"({"<<":1})");
  EXPECT_EQ(read("{<<: 1}"), "error");
  EXPECT_EQ(read("on: 1\n0x10: 2\n"), R"({"true":1,"16":2})");
  EXPECT_EQ(read("a: 1\nb: 2\na: 3\n"), "error");
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
      R"({"text":"true","number":"12","empty":"","list":["a",null,1],"map":{"x":false},"cr":"on\r","tab":"\t","nul":"a\u0000b","on":{"012":"0400","<<":"yes"}})");
  EXPECT_EQ((*parse_yaml(to_yaml(json), "f"))[0].value, json);
}

TEST(Yaml, AByteZeroIsRefusedUnlessTheTextIsInUtf16) {
  using namespace std::string_view_literals;
  EXPECT_EQ(parse_yaml("a: 1\nb: 0\0_\n"sv, "x.yaml").error().what, "x.yaml:2: not YAML: it holds a byte 0");
  const auto wide = parse_yaml(
      "\xff\xfe"
      "a\0:\0 \0"
      "1\0\n\0"sv,
      "x.yaml");
  ASSERT_TRUE(wide.ok()) << wide.error().what;
  EXPECT_EQ(to_text(wide->front().value), R"({"a":1})");
}

}  // namespace
}  // namespace skiff
