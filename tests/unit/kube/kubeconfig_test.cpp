// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/strings.h"

namespace skiff::kube {
namespace {

// The same authority and certificate each time.
Access access(const std::string& name, const std::string& server = "https://192.168.80.2:6443") {
  static const KeyPair ca = make_authorities().value().cluster;
  static const KeyPair client = issue(ca, {.common_name = "admin", .client = true}).value();
  return {name, server, ca.cert_pem, client};
}
Access stranger(const std::string& name) {
  static const KeyPair ca = make_authorities().value().cluster;
  static const KeyPair client = issue(ca, {.common_name = "admin", .client = true}).value();
  return {name, "https://far.example:6443", ca.cert_pem, client};
}
std::string encoded(const std::string& text) {
  std::string out = replace_all(text, "Y2VydA==", base64_encode(access("lab").client.cert_pem));
  out = replace_all(out, "a2V5", base64_encode(access("lab").client.key_pem));
  return replace_all(out, "Y2E=", base64_encode(access("lab").ca_pem));
}

std::string with(const std::string& text, const Access& added, bool keep_current = false) {
  auto edited = with_entry(text, "config", added, keep_current ? Current::set_if_none : Current::set);
  EXPECT_TRUE(edited.ok()) << edited.error().what;
  return edited.ok() ? *edited : "";
}
std::string without(const std::string& text, const std::string& name) {
  auto edited = without_entry(text, "config", name, access(name).ca_pem);
  EXPECT_TRUE(edited.ok()) << edited.error().what;
  return edited.ok() ? *edited : "";
}

Json values(const std::string& text) {
  const auto documents = parse_yaml(text, "config");
  EXPECT_TRUE(documents.ok() && documents->size() == 1) << text;
  return documents.ok() && documents->size() == 1 ? documents->front().value : Json();
}

// "name name ..." of a list.
std::string names(const std::string& text, const char* section) {
  std::vector<std::string> found;
  const Json document = values(text);
  for (const auto& entry : array_at(document, section)) found.push_back(text_at(entry, "name"));
  return join(found, " ");
}

// As kubectl writes it, with what people add: comments, blank lines, another order, an exec plugin, a literal text.
const std::string lived_in = R"(# my clusters
apiVersion: v1
kind: Config
clusters: # all of them
# production: careful!
- cluster:
    certificate-authority-data: QUJD  # rotated in May
    server: https://prod.example:6443
  name: prod

# the office
- name: 'office'
  cluster: {server: "https://office.example", insecure-skip-tls-verify: true}
# end of clusters
contexts:
- context: {cluster: prod, user: admin, namespace: shop}
  name: prod
current-context: prod
preferences: {}
users:
- name: admin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: /usr/bin/login
      args: ["--realm", "a # b"]
      env:
      - name: NOTE
        value: |
          one

          # not a comment
# last words
)";

// What is left of `text` without the lines of `kept`, each of which must appear in it in this order.
std::string rest_after(const std::string& text, const std::string& kept) {
  const auto lines = split(kept, '\n');
  std::size_t next = 0;
  std::string rest;
  for (const auto& line : split(text, '\n')) {
    if (next < lines.size() && line == lines[next]) {
      ++next;
    } else {
      rest += line + "\n";
    }
  }
  EXPECT_EQ(next, lines.size()) << "lost: " << (next < lines.size() ? lines[next] : "");
  return rest;
}

TEST(Kubeconfig, ACompleteDocument) {
  EXPECT_EQ(to_kubeconfig(access("lab")), encoded(R"(apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: Y2E=
    server: https://192.168.80.2:6443
  name: lab
contexts:
- context:
    cluster: lab
    user: lab
  name: lab
current-context: lab
users:
- name: lab
  user:
    client-certificate-data: Y2VydA==
    client-key-data: a2V5
)"));
}

TEST(Kubeconfig, NamesThatYamlReadsOtherwiseAreQuoted) {
  for (const std::string name : {"on", "no", "123", "1e3", "null", "0x1f", "2024-01-01"}) {
    EXPECT_NE(to_kubeconfig(access(name)).find("name: \"" + name + "\""), std::string::npos) << name;
    EXPECT_EQ(names(with(lived_in, access(name)), "users"), name + " admin");
  }
}

TEST(Kubeconfig, AddingKeepsEveryOtherLine) {
  const std::string edited = with(lived_in, access("lab"), true);
  EXPECT_EQ(
      rest_after(edited, lived_in),
      encoded("- cluster:\n    certificate-authority-data: Y2E=\n    server: https://192.168.80.2:6443\n  name: lab\n"
              "- context:\n    cluster: lab\n    user: lab\n  name: lab\n"
              "- name: lab\n  user:\n    client-certificate-data: Y2VydA==\n    client-key-data: a2V5\n"));
  EXPECT_EQ(text_at(values(edited), "current-context"), "prod");
}

TEST(Kubeconfig, AddingThenRemovingGivesTheSameBytes) {
  EXPECT_EQ(without(with(lived_in, access("lab"), true), "lab"), lived_in);
  const std::string current = with(lived_in, access("lab"));
  EXPECT_EQ(text_at(values(current), "current-context"), "lab");
  EXPECT_EQ(without(current, "lab"), replace_all(lived_in, "current-context: prod", "current-context: \"\""));
}

TEST(Kubeconfig, AddingAgainChangesNothing) {
  const std::string once = with(lived_in, access("lab"));
  EXPECT_EQ(with(once, access("lab")), once);
}

TEST(Kubeconfig, AnOldEntryIsReplacedInItsPlace) {
  const std::string text = with(with(lived_in, access("lab", "https://192.168.80.2:6443")), access("other"));
  const std::string edited = with(text, access("lab", "https://192.168.81.2:6443"), true);
  EXPECT_EQ(edited, replace_all(text, "192.168.80.2:6443\n  name: lab", "192.168.81.2:6443\n  name: lab"));
  EXPECT_EQ(names(edited, "clusters"), "other lab prod office");
}

TEST(Kubeconfig, TheNamespaceThatTheUserChoseStays) {
  const std::string text =
      replace_all(to_kubeconfig(access("lab")), "    user: lab\n", "    user: lab\n    namespace: dev\n");
  const std::string edited = with(text, access("lab", "https://192.168.81.2:6443"));
  EXPECT_EQ(text_at(values(edited), "contexts.0.context.namespace"), "dev");
  EXPECT_EQ(text_at(values(edited), "clusters.0.cluster.server"), "https://192.168.81.2:6443");
}

TEST(Kubeconfig, ANamespaceIsSetForANewContextAndWhereItIsRenewed) {
  Access lab = access("lab");
  lab.context_namespace = "dev";
  const auto namespace_in = [](const std::string& text) {
    return text_at(values(text), "contexts.0.context.namespace");
  };
  EXPECT_EQ(namespace_in(to_kubeconfig(lab)), "dev");
  const std::string chosen = replace_all(to_kubeconfig(lab), "namespace: dev", "namespace: prod");
  EXPECT_EQ(namespace_in(with(chosen, lab)), "prod");
  lab.renew_context = true;
  EXPECT_EQ(namespace_in(with(chosen, lab)), "dev");
  lab.context_namespace = "";
  EXPECT_EQ(with(chosen, lab), to_kubeconfig(access("lab")));
}

TEST(Kubeconfig, RemovingTheFirstTheMiddleAndTheLast) {
  const std::string three = with(with(to_kubeconfig(access("c")), access("b")), access("a"));
  EXPECT_EQ(names(without(three, "a"), "users"), "b c");
  EXPECT_EQ(names(without(three, "b"), "users"), "a c");
  EXPECT_EQ(names(without(three, "c"), "users"), "a b");
  EXPECT_EQ(without(three, "d"), three);
}

TEST(Kubeconfig, CommentsBeforeTheNextEntryAreItsOwn) {
  const std::string ours = replace_all(lived_in, "QUJD", base64_encode(access("prod").ca_pem));
  const std::string edited = without(ours, "prod");
  EXPECT_EQ(names(edited, "clusters"), "office");
  EXPECT_NE(edited.find("# production: careful!\n\n# the office\n- name: 'office'\n"), std::string::npos) << edited;
  EXPECT_NE(edited.find("contexts: []\ncurrent-context: \"\"\n"), std::string::npos) << edited;
}

TEST(Kubeconfig, AListThatBecameEmptyIsFilledAgain) {
  const std::string emptied = without(to_kubeconfig(access("lab")), "lab");
  EXPECT_EQ(emptied, "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\ncurrent-context: \"\"\nusers: []\n");
  EXPECT_EQ(with(emptied, access("lab")), to_kubeconfig(access("lab")));
  EXPECT_EQ(with(replace_all(emptied, "[]", "null"), access("lab")), to_kubeconfig(access("lab")));
  EXPECT_EQ(with(replace_all(emptied, " []", ""), access("lab")), to_kubeconfig(access("lab")));
}

TEST(Kubeconfig, AnEmptyFileIsAKubeconfig) {
  const std::string entry = to_kubeconfig(access("lab"));
  EXPECT_EQ(with("", access("lab")), entry);
  EXPECT_EQ(with("\n\n", access("lab")), "\n\n" + entry);
  EXPECT_EQ(with("# mine", access("lab")), "# mine\n" + entry);
  EXPECT_EQ(with("---\n", access("lab")), "---\n" + entry);
  EXPECT_EQ(values(with("{}", access("lab"))).as_object().size(), 4U);
  EXPECT_EQ(with("null\n", access("lab")), entry);
  EXPECT_EQ(without("", "lab"), "");
  EXPECT_EQ(without("# mine\n", "lab"), "# mine\n");
}

TEST(Kubeconfig, MissingSectionsAreAdded) {
  const std::string edited = with("apiVersion: v1\nkind: Config", access("lab"));
  EXPECT_TRUE(edited.starts_with("apiVersion: v1\nkind: Config\nclusters:\n")) << edited;
  EXPECT_EQ(values(edited), values(to_kubeconfig(access("lab"))));
}

TEST(Kubeconfig, WithoutACurrentContextOursBecomesIt) {
  const std::string none = replace_all(lived_in, "current-context: prod\n", "");
  EXPECT_EQ(text_at(values(with(none, access("lab"), true)), "current-context"), "lab");
  const std::string unset = replace_all(lived_in, "current-context: prod", "current-context: ''");
  EXPECT_EQ(text_at(values(with(unset, access("lab"), true)), "current-context"), "lab");
}

TEST(Kubeconfig, LineEndsOfAnotherSystemStay) {
  const std::string dos = replace_all(lived_in, "\n", "\r\n");
  const std::string edited = with(dos, access("lab"));
  EXPECT_EQ(edited, replace_all(with(lived_in, access("lab")), "\n", "\r\n"));
  EXPECT_EQ(without(with(dos, access("lab"), true), "lab"), dos);
}

TEST(Kubeconfig, NoNewlineAtTheEnd) {
  std::string text = to_kubeconfig(access("prod"));
  text.pop_back();
  EXPECT_EQ(without(with(text, access("lab"), true), "lab"), text);
  EXPECT_EQ(names(without(with(text, access("lab")), "prod"), "users"), "lab");
}

TEST(Kubeconfig, IndentedLists) {
  const std::string text =
      "clusters:\n    - name: prod\n      cluster:\n        server: https://prod\n"
      "contexts:\n  - name: prod\n    context: {cluster: prod, user: prod}\n"
      "users:\n  -   name: prod\n      user: {token: abc}\ncurrent-context: prod\n";
  const std::string edited = with(text, access("lab"), true);
  EXPECT_TRUE(edited.starts_with("clusters:\n    - cluster:\n")) << edited;
  EXPECT_EQ(without(edited, "lab"), text);
}

TEST(Kubeconfig, EntriesOfTheSameNameBecomeOne) {
  const std::string item = encoded("- name: lab\n  user: {client-certificate-data: Y2VydA==}\n");
  const std::string text = "users:\n" + item + "- name: b\n  user: {token: b}\n" + item;
  EXPECT_EQ(names(with(text, access("lab")), "users"), "lab b");
  EXPECT_EQ(names(without(text, "lab"), "users"), "b");
}

TEST(Kubeconfig, OtherEntriesOfTheSameNameAreNotOurConcern) {
  const std::string item = "- name: b\n  user: {token: b}\n";
  EXPECT_EQ(names(with("users:\n" + item + item, access("lab")), "users"), "lab b b");
}

// Styles whose lines cannot be edited: same values, nothing lost.
TEST(Kubeconfig, JsonAndFlowStyleKeepTheirValues) {
  const std::string json = R"({"apiVersion": "v1", "kind": "Config", "current-context": "prod",
 "clusters": [{"name": "prod", "cluster": {"server": "https://prod", "extensions": [{"name": "x", "extension": {"n": 1.5, "on": "yes", "t": "0123"}}]}}],
 "contexts": [], "users": [{"name": "prod", "user": {"token": "123"}}]})";
  const std::string edited = with(json, access("lab"), true);
  EXPECT_EQ(names(edited, "clusters"), "lab prod");
  EXPECT_TRUE(parse_json(edited).ok()) << edited;
  EXPECT_EQ(values(without(edited, "lab")), values(json));

  const std::string flow =
      "clusters: [{name: prod, cluster: {server: 'https://prod'}}]\nusers: [{name: prod, user: "
      "{username: 'no', password: \"0x1F\"}}]\ncontexts: []\ncurrent-context: prod\n";
  const std::string added = with(flow, access("lab"), true);
  EXPECT_EQ(names(added, "users"), "lab prod");
  EXPECT_NE(added.find("\"0x1F\""), std::string::npos) << added;
  EXPECT_EQ(values(without(added, "lab")), values(flow));
}

TEST(Kubeconfig, StylesThatMisleadALineEditorKeepTheirValues) {
  const std::string item = "  user: {token: t}\n";
  const std::vector<std::string> texts = {
      "users:\n-\n  name: prod\n" + item,                                  // dash on its own line
      "\"users\":\n- name: prod\n" + item,                                 // quoted key
      "users: &all\n- &one\n  name: prod\n" + item,                        // anchors
      "users:\n- &one {name: prod, user: {token: t}}\nextra: *one\n",      // alias elsewhere
      "users:\n- name: prod\n  user:\n    token: \"a\n\n      b\"\n",      // text over lines
      "users:\n- name: prod\n  user:\n    token: |+\n      a\n\n",         // trailing blank lines
      "note: |\n  clusters:\n  - name: x\nusers:\n- name: prod\n" + item,  // keys within a text
      "---\nusers:\n- name: prod\n" + item + "...\n",                      // document marks
      "users:\n- name: prod\n" + item + "current-context:\n  prod\n",      // value on its own line
      std::string("\xEF\xBB\xBF") + "users:\n- name: prod\n" + item,       // byte order mark
  };
  for (const auto& text : texts) {
    const std::string edited = with(text, access("lab"));
    EXPECT_EQ(names(edited, "users"), "lab prod") << text;
    auto expected = values(text).as_object();
    const auto back = values(without(edited, "lab")).as_object();
    for (const auto& [key, value] : expected) {
      if (key != "current-context") {
        EXPECT_EQ(back.at(key), value) << text << "\nbecame\n" << edited;
      }
    }
  }
}

void expect_invalid(const std::string& text, const std::string& what) {
  for (const auto& edited :
       {with_entry(text, "/home/me/config", access("lab"), Current::set),
        without_entry(text, "/home/me/config", "lab", ""), without_current(text, "/home/me/config", "lab", "")}) {
    ASSERT_FALSE(edited.ok()) << text;
    EXPECT_EQ(edited.error().id, ErrorId::kubeconfig_invalid);
    EXPECT_TRUE(edited.error().what.starts_with("/home/me/config:" + what)) << edited.error().what;
  }
}

TEST(Kubeconfig, WhatIsNoKubeconfigIsRefusedWithItsLine) {
  expect_invalid("apiVersion: v1\nclusters: [\n", "3: not YAML");
  expect_invalid("a: b\n\tc: d\n", "2: not YAML");
  expect_invalid("just text\n", "1: not a kubeconfig");
  expect_invalid("- a\n- b\n", "1: not a kubeconfig");
  expect_invalid(std::string("\0\1\2\3", 4), "1: not");
  expect_invalid("apiVersion: v1\nkind: Pod\n", "2: a Pod, not a kubeconfig");
  expect_invalid("clusters:\n  a: {}\n", "2: 'clusters' is not a list");
  expect_invalid("users:\n- name: a\n- b\n", "3: an entry of 'users' has no fields");
  expect_invalid("current-context: 12\n", "1: 'current-context' is not a name");
  expect_invalid("a: 1\n---\nb: 1\n", "1: more than one document");
}

TEST(Kubeconfig, UnsettingTheCurrentContextTouchesNothingElse) {
  const std::string ca = access("lab").ca_pem;
  EXPECT_EQ(without_current(lived_in, "config", "lab", ca).value(), lived_in);
  EXPECT_EQ(without_current(lived_in, "config", "prod", ca).value(), lived_in) << "not ours";
  const std::string current = with(lived_in, access("lab"));
  EXPECT_EQ(without_current(current, "config", "lab", ca).value(),
            replace_all(current, "current-context: lab", "current-context: \"\""));
}

TEST(Kubeconfig, EntriesOfAnotherClusterStay) {
  const std::string text = to_kubeconfig(stranger("lab"));
  const std::string ca = access("lab").ca_pem;
  const auto with_ours = with_entry(text, "config", access("lab"), Current::set);
  ASSERT_FALSE(with_ours.ok());
  EXPECT_EQ(with_ours.error().id, ErrorId::kubeconfig_conflict);
  EXPECT_EQ(without_entry(text, "config", "lab", ca).value(), text);
  EXPECT_EQ(without_current(text, "config", "lab", ca).value(), text);
  EXPECT_EQ(contents_of(text, "config", "lab", ca)->conflict, "the cluster 'lab'");
  EXPECT_EQ(contents_of(text, "config", "lab", stranger("lab").ca_pem)->conflict, "");
  EXPECT_EQ(without_entry(to_kubeconfig(access("lab")), "config", "lab", "").value(), to_kubeconfig(access("lab")));

  const std::string plugin = "users:\n- name: lab\n  user: {exec: {command: login}}\n";
  EXPECT_EQ(contents_of(plugin, "config", "lab", ca)->conflict, "the user 'lab'");
  const std::string elsewhere = "contexts:\n- name: lab\n  context: {cluster: prod, user: admin}\n";
  EXPECT_EQ(contents_of(elsewhere, "config", "lab", ca)->conflict, "the context 'lab'");
  EXPECT_EQ(without(elsewhere, "lab"), elsewhere);
}

TEST(Kubeconfig, WhatCannotBeEditedWithoutLosingACommentIsRefused) {
  const auto edited =
      with_entry("users: [{name: a, user: {token: t}}] # mine\n", "config", access("lab"), Current::set);
  ASSERT_FALSE(edited.ok());
  EXPECT_EQ(edited.error().id, ErrorId::kubeconfig_invalid);
  expect_invalid("users: []\nclusters: []\nusers: []\n", "3: not YAML: 'users' stands twice");
}

TEST(Kubeconfig, ValuesKeepTheMeaningThatTheyHaveForKubectl) {
  const std::string text =
      "x-defaults: &d {insecure-skip-tls-verify: yes}\n"
      "clusters: [{name: prod, cluster: {<<: *d, server: 'https://prod'}}]\nusers: []\ncontexts: []\n";
  const Json edited = values(with(text, access("lab")));
  EXPECT_EQ(names(with(text, access("lab")), "clusters"), "lab prod");
  EXPECT_TRUE(bool_at(edited, "clusters.1.cluster.insecure-skip-tls-verify"));
  EXPECT_EQ(text_at(edited, "clusters.1.cluster.server"), "https://prod");
}

TEST(Kubeconfig, StateOfAText) {
  const std::string text = with(lived_in, access("lab"));
  const auto state = [&](const std::string& of, const std::string& name, const std::string& server) {
    return state_of(of, "config", name, server).value();
  };
  EXPECT_EQ(state(text, "lab", "https://192.168.80.2:6443"), KubeconfigState::right);
  EXPECT_EQ(state(text, "lab", "https://192.168.80.3:6443"), KubeconfigState::stale);
  EXPECT_EQ(state(lived_in, "lab", "https://192.168.80.2:6443"), KubeconfigState::missing);
  EXPECT_EQ(state("", "lab", "x"), KubeconfigState::missing);
  EXPECT_EQ(state("contexts: [{name: lab, context: {cluster: gone}}]", "lab", "x"), KubeconfigState::stale);
}

}  // namespace
}  // namespace skiff::kube
