// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/hosts_text.h"

#include <gtest/gtest.h>

namespace skiff::net::test {
namespace {

const Address one{{0x7F000001}, false};
const Address two{{0x7F000002}, false};
const Address six{{}, true};
const std::vector<HostsEntry> hello = {{"helloworld.test", one}};

constexpr std::string_view block = "# skiff lab begin\n127.0.0.1 helloworld.test # skiff lab\n# skiff lab end\n";

std::string set(std::string_view text, const std::vector<HostsEntry>& entries = hello) {
  return set_hosts_block(text, "lab", entries).text;
}
std::string clear(std::string_view text) { return remove_hosts_block(text, "lab"); }

struct Round {
  const char* name;
  std::string before;
  std::string after;
};

class HostsRound : public testing::TestWithParam<Round> {};

// Setting gives exactly this text, setting again changes nothing, and clearing gives the text before.
TEST_P(HostsRound, SetsAndClearsTheBlockAlone) {
  const auto& round = GetParam();
  EXPECT_EQ(set(round.before), round.after);
  EXPECT_EQ(set(round.after), round.after);
  EXPECT_EQ(clear(round.after), round.before);
  EXPECT_EQ(clear(round.before), round.before);
}

const std::string as_block(block);
const std::string block_without_end = as_block.substr(0, as_block.size() - 1);
const std::string crlf_block = "# skiff lab begin\r\n127.0.0.1 helloworld.test # skiff lab\r\n# skiff lab end\r\n";

INSTANTIATE_TEST_SUITE_P(
    Texts, HostsRound,
    testing::Values(
        Round{"empty", "", as_block},                                                                   //
        Round{"plain", "127.0.0.1 localhost\n", "127.0.0.1 localhost\n" + as_block},                    //
        Round{"no_final_newline", "127.0.0.1 localhost", "127.0.0.1 localhost\n" + block_without_end},  //
        Round{"crlf", "127.0.0.1 localhost\r\n", "127.0.0.1 localhost\r\n" + crlf_block},               //
        Round{"crlf_without_final_newline", "# x\r\n::1 localhost",
              "# x\r\n::1 localhost\r\n" + crlf_block.substr(0, crlf_block.size() - 2)},                    //
        Round{"blank_lines", "\n\n127.0.0.1 localhost\n\n\n", "\n\n127.0.0.1 localhost\n\n\n" + as_block},  //
        Round{"only_newline", "\n", "\n" + as_block},                                                       //
        Round{"strange_bytes", std::string("\0\xff\t#\n\r\r\n x", 10),
              std::string("\0\xff\t#\n\r\r\n x\n", 11) + block_without_end},  //
        Round{"ends_with_cr", "a\r", "a\r\r\n" + block_without_end},          //
        Round{"another_profile", "# skiff lab-2 begin\n127.0.0.1 a.test # skiff lab-2\n# skiff lab-2 end\n",
              "# skiff lab-2 begin\n127.0.0.1 a.test # skiff lab-2\n# skiff lab-2 end\n" + as_block},  //
        Round{"looks_like_ours", "# skiff lab\n## skiff lab begin\n127.0.0.1 x# skiff lab\n# my # skiff lab\n",
              "# skiff lab\n## skiff lab begin\n127.0.0.1 x# skiff lab\n# my # skiff lab\n" + as_block}),
    [](const auto& each) { return std::string(each.param.name); });

struct Healing {
  const char* name;
  std::string torn;
  std::string set;
  std::string cleared;
};

class HostsHealing : public testing::TestWithParam<Healing> {};

TEST_P(HostsHealing, FindsAllThatIsOursAndNothingElse) {
  EXPECT_EQ(set(GetParam().torn), GetParam().set);
  EXPECT_EQ(clear(GetParam().torn), GetParam().cleared);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, HostsHealing,
    testing::Values(
        Healing{"stays_in_its_place", "a\n# skiff lab begin\n127.0.0.9 old.test # skiff lab\n# skiff lab end\nb\n",
                "a\n" + as_block + "b\n", "a\nb\n"},
        Healing{"end_is_missing", "a\n# skiff lab begin\n127.0.0.9 old.test # skiff lab\n127.0.0.1 mine\n",
                "a\n" + as_block + "127.0.0.1 mine\n", "a\n127.0.0.1 mine\n"},
        Healing{"begin_is_missing", "127.0.0.1 mine\n127.0.0.9 old.test # skiff lab\n# skiff lab end\n",
                "127.0.0.1 mine\n" + as_block, "127.0.0.1 mine\n"},
        Healing{"only_begin", "# skiff lab begin\n127.0.0.1 mine\n", as_block + "127.0.0.1 mine\n", "127.0.0.1 mine\n"},
        Healing{"foreign_line_inside", "# skiff lab begin\n10.0.0.1 db # mine\n# skiff lab end\n",
                as_block + "10.0.0.1 db # mine\n", "10.0.0.1 db # mine\n"},
        Healing{"edited_line", "# skiff lab begin\n 10.9.9.9\thelloworld.test x  # skiff lab \n# skiff lab end\n",
                as_block, ""},
        Healing{"moved_line", "127.0.0.1 old.test # skiff lab\na\n127.0.0.1 older.test # skiff lab\n", as_block + "a\n",
                "a\n"},
        Healing{"twice", as_block + "a\n" + as_block, as_block + "a\n", "a\n"},
        Healing{"nested_in_another",
                "# skiff x begin\n# skiff lab begin\n127.0.0.1 y.test # skiff x\n# skiff lab end\n# skiff x end\n",
                "# skiff x begin\n" + as_block + "127.0.0.1 y.test # skiff x\n# skiff x end\n",
                "# skiff x begin\n127.0.0.1 y.test # skiff x\n# skiff x end\n"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(HostsText, WritesEachNameOnceInLowerCaseAndInOrder) {
  const std::vector<HostsEntry> entries = {{"B.test", two}, {"a.test", one}, {"b.TEST", two}, {"a.test", six}};
  EXPECT_EQ(set("", entries),
            "# skiff lab begin\n127.0.0.2 b.test # skiff lab\n127.0.0.1 a.test # skiff lab\n::1 a.test # skiff lab\n"
            "# skiff lab end\n");
}

TEST(HostsText, ReportsWhatIsMappedElsewhereAndLeavesItAlone) {
  constexpr std::string_view text = "127.0.0.1 localhost\n10.0.0.5\tapi HELLOWORLD.test # mine\n";
  const auto edit = set_hosts_block(text, "lab", {{"helloworld.test", one}, {"other.test", one}});
  EXPECT_EQ(edit.text, std::string(text) + "# skiff lab begin\n127.0.0.1 other.test # skiff lab\n# skiff lab end\n");
  EXPECT_EQ(edit.conflicts, (std::vector<HostsConflict>{{"helloworld.test", "10.0.0.5", 2}}));
}

TEST(HostsText, WritesNoBlockWhenEverythingIsMapped) {
  const auto edit = set_hosts_block("10.0.0.5 helloworld.test\n", "lab", hello);
  EXPECT_EQ(edit.text, "10.0.0.5 helloworld.test\n");
  EXPECT_EQ(edit.conflicts.size(), 1U);
}

TEST(HostsText, TheSameMappingElsewhereIsNoConflict) {
  const auto edit = set_hosts_block("127.0.0.1 localhost helloworld.test\n", "lab", hello);
  EXPECT_EQ(edit.text, "127.0.0.1 localhost helloworld.test\n");
  EXPECT_TRUE(edit.conflicts.empty());
}

TEST(HostsText, AnotherProfilesNameIsAConflict) {
  const std::string text = set_hosts_block("", "other", {{"helloworld.test", two}}).text;
  const auto edit = set_hosts_block(text, "lab", hello);
  EXPECT_EQ(edit.text, text);
  EXPECT_EQ(edit.conflicts, (std::vector<HostsConflict>{{"helloworld.test", "127.0.0.2", 2}}));
}

TEST(HostsText, ACommentedMappingIsNone) {
  EXPECT_TRUE(
      set_hosts_block("#10.0.0.5 helloworld.test\n10.0.0.6 # helloworld.test\n", "lab", hello).conflicts.empty());
}

TEST(HostsText, ManyProfilesLiveInOneFile) {
  std::string text = "127.0.0.1 localhost\n";
  for (const char* profile : {"a", "b", "c"}) {
    text = set_hosts_block(text, profile, {{std::string(profile) + ".test", one}}).text;
  }
  text = set_hosts_block(text, "b", {{"b2.test", two}}).text;
  EXPECT_EQ(text,
            "127.0.0.1 localhost\n# skiff a begin\n127.0.0.1 a.test # skiff a\n# skiff a end\n"
            "# skiff b begin\n127.0.0.2 b2.test # skiff b\n# skiff b end\n"
            "# skiff c begin\n127.0.0.1 c.test # skiff c\n# skiff c end\n");
  for (const char* profile : {"b", "a", "c"}) text = remove_hosts_block(text, profile);
  EXPECT_EQ(text, "127.0.0.1 localhost\n");
}

TEST(HostsText, ReadsALongFileQuickly) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "0.0.0.0 ads" + std::to_string(i) + ".example\n";
  std::vector<HostsEntry> entries;
  for (int i = 0; i < 1000; ++i) entries.push_back({"host" + std::to_string(i) + ".test", one});
  EXPECT_EQ(clear(set(text, entries)), text);
}

TEST(HostName, AdmitsRfc1123NamesOnly) {
  for (const char* good : {"helloworld.test", "a", "A-1.b", "1a.2b", "xn--bcher-kva.example"}) {
    EXPECT_TRUE(check_host_name(good).ok()) << good;
  }
  const std::string long_label(64, 'a');
  std::string long_name = "a";
  while (long_name.size() < 254) long_name += ".a";
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("a."), std::string("a..b"), std::string("-a"), std::string("a-"),
        std::string("*.test"), std::string("a b"), std::string("a\nb"), std::string("a#b"), std::string("a_b"),
        std::string("b\xc3\xbc"), std::string("localhost"), std::string("127.0.0.1"), long_label, long_name}) {
    EXPECT_EQ(check_host_name(bad).ok(), false) << bad;
  }
}

TEST(HostsText, TwoOwnersOfOneProfileNameHaveABlockEach) {
  const std::string alice = "lab@1000-0a1b2c3d";
  const std::string bob = "lab@1001-0a1b2c3d";
  const std::vector<HostsEntry> to_one = {{"a.test", {{0x7F000001}, false}}};
  const std::vector<HostsEntry> to_two = {{"b.test", {{0x7F000002}, false}}};
  const auto first = set_hosts_block("127.0.0.1 localhost\n", alice, to_one);
  const auto both = set_hosts_block(first.text, bob, to_two);
  EXPECT_NE(both.text.find("127.0.0.1 a.test # skiff lab@1000-0a1b2c3d\n"), std::string::npos) << both.text;
  EXPECT_NE(both.text.find("127.0.0.2 b.test # skiff lab@1001-0a1b2c3d\n"), std::string::npos) << both.text;
  EXPECT_EQ(remove_hosts_block(both.text, bob), first.text);
}

TEST(HostsText, ABlockWithTheProfilesNameAloneIsTakenOver) {
  const auto old = set_hosts_block("127.0.0.1 localhost\n", "lab", {{"a.test", {{0x7F000001}, false}}});
  EXPECT_EQ(remove_hosts_block(old.text, "lab@1000-0a1b2c3d"), "127.0.0.1 localhost\n");
  EXPECT_EQ(remove_hosts_block(old.text, "other@1000-0a1b2c3d"), old.text);
  EXPECT_EQ(remove_hosts_block(old.text, "la@1000-0a1b2c3d"), old.text);
}

TEST(HostsText, ChecksTheNamesOfBlocks) {
  for (const auto* good : {"lab", "lab@0-01234567", "my-lab@4294967295-deadbeef"}) {
    EXPECT_TRUE(check_block_name(good).ok()) << good;
  }
  for (const auto* bad :
       {"", "@1-01234567", "lab@", "lab@1", "lab@1-", "lab@1-0123456", "lab@1-0123456g", "lab@a-01234567",
        "lab@1-01234567 end", "lab@1-01234567\n", "LAB@1-01234567", "lab@12345678901-01234567"}) {
    EXPECT_FALSE(check_block_name(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace skiff::net::test
