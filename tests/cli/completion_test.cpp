// SPDX-License-Identifier: Apache-2.0
// The completion scripts in the shells that they are for.
#include <gtest/gtest.h>

#include "base/strings.h"
#include "home.h"
#include "sys/process.h"

namespace skiff::test {
namespace {

class Completion : public testing::Test {
 protected:
  Completion() { home_.add_profile("lab"); }

  // Loads the completion of `shell`, then runs `program` in it, with SCRIPT in place of the completion's path; its
  // output.
  std::string run_in(const std::string& shell, const std::vector<std::string>& arguments, const std::string& program) {
    if (sys::find_program(shell).empty()) return {};
    const Ran script = home_.skiff({"completion", shell});
    EXPECT_EQ(script.exit_code, 0);
    EXPECT_GT(script.out.size(), 1000U);
    home_.write("script", script.out);
    std::vector<std::string> argv{shell};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.push_back(replace_all(program, "SCRIPT", home_.path("script")));
    NoEvents events;
    const auto ran = sys::run({{}, Deadline::in(std::chrono::seconds(60)), &events},
                              {.argv = argv, .env = home_.env, .cwd = "", .input = "", .on_line = {}});
    EXPECT_TRUE(ran.ok() && ran->exit_code == 0) << (ran.ok() ? ran->err : ran.error().what);
    return ran.ok() ? ran->out : "";
  }

  Home home_;
};

#define SKIP_WITHOUT(shell) \
  if (sys::find_program(shell).empty()) GTEST_SKIP() << shell << " is not installed"

TEST_F(Completion, OfBash) {
  const auto offered = [&](const std::string& line) {
    return run_in("bash", {"-c"},
                  "source SCRIPT; COMP_WORDS=(" + line +
                      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _skiff; echo \" ${COMPREPLY[*]} \"");
  };
  EXPECT_EQ(offered("skiff sta"), " start status \n");
  EXPECT_EQ(offered("skiff image l"), " load ls \n");
  EXPECT_EQ(offered("skiff -p ''"), " lab \n");
  EXPECT_EQ(offered("skiff -p lab image l"), " load ls \n");
  EXPECT_EQ(offered("skiff start --node"), " --nodes --node-image --node-names \n");
  EXPECT_EQ(offered("skiff profile la"), " lab \n");
}

TEST_F(Completion, OfFish) {
  SKIP_WITHOUT("fish");
  const auto offered = [&](const std::string& line) {
    std::vector<std::string> words;  // without their descriptions
    for (const auto& each :
         split(trim(run_in("fish", {"-N", "-c"}, "source SCRIPT; complete -C '" + line + "'")), '\n')) {
      words.push_back(each.substr(0, each.find('\t')));
    }
    return join(words, " ");
  };
  EXPECT_EQ(offered("skiff sta"), "start status");
  EXPECT_EQ(offered("skiff image l"), "load ls");
  EXPECT_EQ(offered("skiff -p "), "lab");
  EXPECT_EQ(offered("skiff -p lab image l"), "load ls");
  EXPECT_EQ(offered("skiff start --node"), "--nodes --node-image --node-names");
  EXPECT_EQ(offered("skiff profile la"), "lab");
}

// A user at a terminal presses the tab key, in a zsh that has run `setup`. A pattern that does not come ends the test
// at its time limit.
constexpr std::string_view zsh_user = R"(
    zmodload zsh/zpty
    zpty user zsh -f -i
    zpty -w user 'PROMPT= ; SETUP; print loaded-$((1 + 1))'
    zpty -r -m user out '*loaded-2*'
    type_and_see() { zpty -n -w user $'\C-u'$1; zpty -r -m user out $2 && print "$1: yes"; }
    type_and_see $'skiff sta\t\t' '*start*status*'
    type_and_see $'skiff image lo\t' '*skiff image load*'
    type_and_see $'skiff -p la\t' '*skiff -p lab*'
    type_and_see $'skiff start --keep-c\t' '*--keep-context*'
    print done
  )";

TEST_F(Completion, OfZsh) {
  SKIP_WITHOUT("zsh");
  const std::string setup = "autoload -Uz compinit && compinit -D -u; source SCRIPT";
  const std::string seen = run_in("zsh", {"-f", "-c"}, replace_all(zsh_user, "SETUP", setup));
  EXPECT_TRUE(seen.ends_with("done\n")) << seen;
}

// As it is installed: a file of $fpath, which zsh reads when the tab key is pressed for the first time.
TEST_F(Completion, OfZshFromItsFolder) {
  SKIP_WITHOUT("zsh");
  home_.write("functions/_skiff", home_.skiff({"completion", "zsh"}).out);
  const std::string setup = "fpath=(" + home_.path("functions") + " $fpath); autoload -Uz compinit && compinit -D -u";
  const std::string seen = run_in("zsh", {"-f", "-c"}, replace_all(zsh_user, "SETUP", setup));
  EXPECT_TRUE(seen.ends_with("done\n")) << seen;
}

}  // namespace
}  // namespace skiff::test
