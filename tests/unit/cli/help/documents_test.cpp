// SPDX-License-Identifier: Apache-2.0
// Every command line in the documents is one that skiff takes.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "base/strings.h"
#include "cli/line/line.h"
#include "sys/files.h"

namespace skiff::cli {
namespace {

using Words = std::vector<std::string>;

// The words of a shell's line up to a comment, a pipe or the next command. A substitution is one word, whatever it is.
Words words_of(std::string_view line) {
  Words words;
  std::string word;
  bool any = false;
  char quote = 0;
  int depth = 0;
  for (const char letter : line) {
    if (quote == 0 && depth == 0 &&
        (letter == ' ' || std::string_view("#|;&<>").find(letter) != std::string_view::npos)) {
      if (letter == '#' && any) {
        word += letter;
        continue;
      }
      if (any) words.push_back(std::exchange(word, {}));
      any = false;
      if (letter != ' ') return words;
      continue;
    }
    any = true;
    if (letter == '(') ++depth;
    if (letter == ')') --depth;
    if (quote != 0 && letter == quote) {
      quote = 0;
    } else if (quote == 0 && depth == 0 && (letter == '\'' || letter == '"')) {
      quote = letter;
    } else {
      word += letter;
    }
  }
  if (any) words.push_back(word);
  return words;
}

// What follows "skiff" in text that is set as code: in fenced blocks also behind a prompt, a variable or inside $(...).
std::vector<Words> calls_in(const std::string& text) {
  static const std::regex in_block(R"((?:^|\$ |\$\(|; |trap ')(?:[A-Z_]+=\S+ )*skiff ([^)\n]*))");
  static const std::regex in_line(R"(`skiff ([^`]+)`)");
  std::vector<Words> calls;
  std::istringstream lines(text);
  bool fenced = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) fenced = !fenced;
    const auto& pattern = fenced ? in_block : in_line;
    for (std::sregex_iterator found(line.begin(), line.end(), pattern), end; found != end; ++found) {
      std::string rest = (*found)[1];
      if (found->str().starts_with("trap")) rest = rest.substr(0, rest.find('\''));
      calls.push_back(words_of(rest));
    }
  }
  return calls;
}

TEST(Documents, TheirCommandsAreTaken) {
  const std::string root = SKIFF_SOURCE_DIR;
  Words files = {root + "/README.md"};
  for (const auto& name : sys::list_folder(root + "/docs")) {
    if (name.ends_with(".md")) files.push_back(root + "/docs/" + name);
  }
  const auto commands = all_commands();
  std::size_t seen = 0;
  for (const auto& file : files) {
    for (const Words& words : calls_in(sys::read_file(file).value())) {
      ++seen;
      const auto line = read_line(words);
      ASSERT_TRUE(line.ok()) << file << ": " << join(words, " ") << ": " << line.error().what;
      const auto call = read_call(commands, *line);
      const bool names_it = !call.ok() && call.error().what.find("' needs ") != std::string::npos;  // in a sentence
      EXPECT_TRUE(call.ok() || names_it) << file << ": skiff " << join(words, " ") << ": " << call.error().what;
    }
  }
  EXPECT_GT(seen, 100U);
}

TEST(Documents, ALineIsReadAsAShellReadsIt) {
  EXPECT_EQ(words_of("-p lab ssh \"a | b\" # c"), (Words{"-p", "lab", "ssh", "a | b"}));
  EXPECT_EQ(words_of("image load $(skiff image prepare x y) && true"),
            (Words{"image", "load", "$(skiff image prepare x y)"}));
  EXPECT_EQ(calls_in("skiff a\n```\n$ skiff b | jq\nx=$(skiff c d)\nis skiff e\n```\n"),
            (std::vector<Words>{{"b"}, {"c", "d"}}));
}

}  // namespace
}  // namespace skiff::cli
