// SPDX-License-Identifier: Apache-2.0
#include "base/go_template.h"

#include <gtest/gtest.h>

namespace skiff {
namespace {

const JsonObject fields = {{"Host", "Running"}, {"Worker", false}, {"Empty", ""}, {"Port", 80}};

std::string fill(std::string_view text) {
  const auto filled = fill_template(text, fields);
  return filled.ok() ? *filled : "error: " + filled.error().what;
}

TEST(GoTemplate, FieldsAndLiterals) {
  EXPECT_EQ(fill("host:{{.Host}},port:{{ .Port }}"), "host:Running,port:80");
  EXPECT_EQ(fill("plain"), "plain");
  EXPECT_EQ(fill("a{{\"\\n\"}}b"), "a\nb");
  EXPECT_EQ(fill("{{.Empty}}{{.Worker}}"), "false");
}

TEST(GoTemplate, ChoicesAndBlanks) {
  EXPECT_EQ(fill("{{if .Worker}}w{{else}}cp{{end}}!"), "cp!");
  EXPECT_EQ(fill("{{if .Host}}{{if .Empty}}x{{end}}y{{end}}"), "y");
  EXPECT_EQ(fill("a \n{{- if .Host }} b {{- end }}\nc"), "a b\nc");
  EXPECT_EQ(fill("a {{ .Host -}} \n b"), "a Runningb");
}

TEST(GoTemplate, WhatItDoesNotKnowIsAnError) {
  EXPECT_EQ(fill("{{.Hots}}"), "error: The template is wrong: there is no field '.Hots'; did you mean 'Host'?");
  for (const auto* text : {"{{.Host", "{{if .Host}}", "{{end}}", "{{else}}", "{{range .Host}}{{end}}",
                           "{{if .Host}}a{{else}}b{{else}}c{{end}}"}) {
    EXPECT_TRUE(fill(text).starts_with("error: ")) << text;
  }
}

}  // namespace
}  // namespace skiff
