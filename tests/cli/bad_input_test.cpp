// SPDX-License-Identifier: Apache-2.0
// What goes wrong is said once, on stderr, with an id, advice and an exit code; nothing is lost and nothing left
// behind.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <tuple>

#include "base/strings.h"
#include "home.h"

namespace skiff::test {
namespace {

using Words = std::vector<std::string>;

std::string all(const Words& words) {
  std::string out;
  for (const auto& word : words) out += "[" + word + "] ";
  return out;
}

void expect_error(const Ran& ran, ErrorId id, const std::string& mentions, const std::string& situation) {
  const auto& about = info(id);
  EXPECT_EQ(ran.exit_code, about.exit_code) << situation << "\n" << ran.err;
  EXPECT_EQ(ran.out, "") << situation;
  EXPECT_NE(ran.err.find("Error: "), std::string::npos) << situation;
  EXPECT_TRUE(ran.err.ends_with("[" + std::string(about.name) + "]\n")) << situation << "\n" << ran.err;
  EXPECT_NE(ran.err.find(mentions), std::string::npos) << situation << ": no '" << mentions << "' in\n" << ran.err;
  EXPECT_EQ(ran.err.find("Error: "), ran.err.rfind("Error: ")) << "told twice: " << ran.err;
}

TEST(BadInput, NumberOfNodes) {
  const Home home;
  for (const std::string nodes : {"0", "-1", "1000", "x", "", "3.5", "99999999999"}) {
    expect_error(home.skiff({"start", "-p", "lab", "--nodes", nodes}), ErrorId::usage, "--nodes", nodes);
    expect_error(home.skiff({"start", "-p", "lab", "--nodes=" + nodes}), ErrorId::usage, "--nodes", nodes);
  }
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles")));
}

TEST(BadInput, AddonsThatDoNotExist) {
  const Home home;
  expect_error(home.skiff({"start", "-p", "lab", "--addons", "ingres"}), ErrorId::addon_not_found, "'ingress'",
               "start");
  expect_error(home.skiff({"addons", "images", "dashbord"}), ErrorId::addon_not_found, "'dashbord'", "no such addon");
  expect_error(home.skiff({"addons", "enable", "metallb"}), ErrorId::unsupported, "skiff tunnel", "one of minikube's");
  expect_error(home.skiff({"start", "-p", "lab", "--addons", "dashboard"}), ErrorId::unsupported, "k9s", "start");
  expect_error(home.skiff({"image", "prepare", "ingres"}), ErrorId::image_not_found, "traefik", "no such recipe");
  expect_error(home.skiff({"dashboard"}), ErrorId::unsupported, "skiff kubectl", "dashboard");
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles")));
}

TEST(BadInput, IngressAndGatewayAtOnce) {
  const Home home;
  expect_error(home.skiff({"start", "-p", "lab", "--addons", "ingress,gateway"}), ErrorId::addon_conflict, "exclude",
               "start");
}

TEST(BadInput, OtherValuesOfStart) {
  const Home home;
  const std::vector<std::pair<Words, std::string>> cases = {
      {{"--cpus", "none"}, "--cpus"},
      {{"--cpus", "-2"}, "--cpus"},
      {{"--memory", "2 apples"}, "--memory"},
      {{"--memory", "0"}, "--memory"},
      {{"--disk-size", "-1g"}, "--disk-size"},
      {{"--subnet", "here"}, "here"},
      {{"--subnet", "192.168.80.0/16"}, "--subnet"},
      {{"--wait-timeout", "soon"}, "--wait-timeout"},
      {{"--wait-timeout", "0s"}, "--wait-timeout"},
      {{"--wait", "nodes"}, "--wait"},
      {{"--wait", "apiserver,nodereedy"}, "nodereedy"},
      {{"--cert-expiration", "long"}, "--cert-expiration"},
      {{"--cert-expiration", "1s"}, "--cert-expiration"},
      {{"--apiserver-port", "10250"}, "--apiserver-port"},
      {{"--apiserver-names", "a b"}, "'a b'"},
      {{"--apiserver-ips", "localhost"}, "'localhost'"},
      {{"--dns-domain", "-"}, "'-'"},
      {{"--namespace", "A"}, "'A'"},
      {{"--static-ip", "192.168.200.50"}, "--static-ip"},
      {{"--extra-config", "kublet.max-pods=5"}, "did you mean 'kubelet'?"},
      {{"--extra-config", "kubelet"}, "kubelet.max-pods=50"},
      {{"--feature-gates", "A"}, "'A'"},
      {{"--feature-gates", "ContextualLoging=true"}, "did you mean 'ContextualLogging'?"},
      {{"--pod-cidr", "10.244.0.0/24"}, "--pod-cidr must be a /16"},
      {{"--pod-cidr", "10.96.0.0/16"}, "overlaps the pods' 10.96.0.0/16"},
      {{"--service-cluster-ip-range", "10.244.8.0/24"}, "overlaps the pods' 10.244.0.0/16"},
      {{"--subnet", "10.97.3.0/24"}, "overlaps the cluster's own ranges"},
      {{"--memory", "maximum"}, "--memory"},
      {{"--schedule-on-control-plane", "perhaps"}, "--schedule-on-control-plane"},
      {{"--control-planes", "x"}, "--control-planes"},
      {{"--nodes"}, "--nodes"},
      {{"lab"}, "'lab'"},
  };
  for (const auto& [flags, mentions] : cases) {
    Words words = {"start", "-p", "lab"};
    words.insert(words.end(), flags.begin(), flags.end());
    expect_error(home.skiff(words), ErrorId::usage, mentions, all(words));
  }
  expect_error(home.skiff({"start", "--extra-config", "kubeadm.x=y"}), ErrorId::unsupported, "kubeadm", "kubeadm");
  expect_error(home.skiff({"start", "--control-planes", "2"}), ErrorId::usage, "control planes", "3 control planes");
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles")));
}

TEST(BadInput, ProfileNames) {
  const Home home;
  for (const std::string& name :
       Words{"", std::string(41, 'a'), "a/b", "..", "../x", "my lab", "Lab", "-", "lab-", "läb"}) {
    for (const Words& command : {Words{"start"}, Words{"stop"}, Words{"status"}, Words{"delete"}, Words{"kubectl"}}) {
      Words words = command;
      words.push_back("--profile=" + name);
      expect_error(home.skiff(words), ErrorId::usage, "'" + name + "'", all(words));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles")));
}

TEST(BadInput, UnknownProfile) {
  const Home home;
  home.add_profile("lab");
  const std::vector<Words> commands = {
      {"stop"},        {"status"},       {"delete"},         {"kubectl", "--", "get", "pods"},
      {"ssh"},         {"ip"},           {"logs"},           {"image", "load", "x"},
      {"image", "ls"}, {"node", "list"}, {"update-context"}, {"pause"},
      {"unpause"}};
  for (Words words : commands) {
    words.insert(words.begin(), {"-p", "lob"});
    expect_error(home.skiff(words), ErrorId::profile_not_found, "'lob'", all(words));
  }
  EXPECT_NE(home.skiff({"status", "-p", "lob"}).err.find("did you mean 'lab'"), std::string::npos);
}

TEST(BadInput, UnknownCommandAndFlag) {
  const Home home;
  expect_error(home.skiff({"strat"}), ErrorId::usage, "Did you mean 'skiff start'?", "strat");
  expect_error(home.skiff({"image", "laod", "x"}), ErrorId::usage, "Did you mean 'skiff image load'?", "image laod");
  expect_error(home.skiff({"image"}), ErrorId::usage, "'skiff image load'", "image");
  expect_error(home.skiff({"start", "--nodse", "3"}), ErrorId::usage, "Did you mean '--nodes'?", "--nodse");
  expect_error(home.skiff({"status", "-x"}), ErrorId::usage, "'-x'", "-x");
  expect_error(home.skiff({"--nodes", "3", "start"}), ErrorId::usage, "before the command", "flag first");
  expect_error(home.skiff({"status", "-o", "yaml"}), ErrorId::usage, "--output", "-o yaml");
  expect_error(home.skiff({"kubectl", "get", "pods", "-A"}), ErrorId::usage, "'-A'", "kubectl without --");
  expect_error(home.skiff({"help", "strat"}), ErrorId::usage, "Did you mean 'skiff start'?", "help strat");
  expect_error(home.skiff({"completion", "tcsh"}), ErrorId::usage, "bash, zsh or fish", "tcsh");
}

TEST(BadInput, UnknownDriverAndVersion) {
  const Home home;
  expect_error(home.skiff({"start", "-d", "dokcer"}), ErrorId::driver_not_found, "docker", "dokcer");
  expect_error(home.skiff({"start", "--kubernetes-version", "v1.2.3"}), ErrorId::unsupported, "v1.2.3", "v1.2.3");
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles")));
}

TEST(BadInput, DockerNotRunning) {
  const Home home;
  home.add_profile("lab");
  for (const Words& words : {Words{"start", "-p", "new"}, Words{"start", "-p", "lab"}, Words{"stop", "-p", "lab"},
                             Words{"delete", "-p", "lab"}, Words{"status", "-p", "lab"}, Words{"node-image", "list"}}) {
    expect_error(home.skiff(words), ErrorId::docker_not_running, "no-docker.sock", all(words));
  }
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles/new")));
  EXPECT_TRUE(std::filesystem::exists(home.path("skiff/profiles/lab/profile.yaml")));
}

TEST(BadInput, FlagsOfLibvirtWithDocker) {
  const Home home;
  home.add_profile("lab");
  expect_error(home.skiff({"start", "-p", "new", "--libvirt-uri", "qemu:///system"}), ErrorId::usage, "--libvirt-uri",
               "docker by default");
  expect_error(home.skiff({"start", "-p", "new", "-d", "docker", "--libvirt-uri", "qemu:///system"}), ErrorId::usage,
               "--driver=libvirt", "docker by flag");
  expect_error(home.skiff({"node-image", "pull"}), ErrorId::usage, "SKIFF_IMAGES", "node-image save");
  expect_error(home.skiff({"node-image", "pull", "/absent"}), ErrorId::host_error, "/absent/SHA256SUMS",
               "node-image save");
  expect_error(home.skiff({"node-image", "build", "--kubernetes-version", "1.20"}), ErrorId::unsupported, "v1.20",
               "v1.34");
  expect_error(home.skiff({"node-image", "build", "--vm", "--driver", "docker"}), ErrorId::usage, "--vm",
               "an image of another kind");
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles/new")));
}

TEST(BadInput, OtherDriverForAProfileThatExists) {
  const Home home;
  home.add_profile("lab");
  const std::string before = home.read("skiff/profiles/lab/profile.yaml");
  expect_error(home.skiff({"start", "-p", "lab", "--driver", "libvirt"}), ErrorId::profile_conflict, "--driver",
               "docker, then libvirt");
  EXPECT_EQ(home.read("skiff/profiles/lab/profile.yaml"), before);
}

TEST(BadInput, LibvirtThatCannotBeReached) {
  if (dlopen("libvirt.so.0", RTLD_LAZY) == nullptr) GTEST_SKIP() << "libvirt's library is not installed";
  const Home home;
  const std::vector<std::tuple<std::string, ErrorId, std::string>> cases = {
      {"qemu+unix:///system?socket=" + home.path("no-libvirt.sock"), ErrorId::libvirt_not_running, "libvirtd"},
      {"qemu+tcp://127.0.0.1:1/system", ErrorId::libvirt_not_running, "127.0.0.1"},
      {"nonsense", ErrorId::config_invalid, "'nonsense'"},
      {"nonsense:///system", ErrorId::config_invalid, "qemu:///system"},
      {"qemu+pigeon://host/system", ErrorId::config_invalid, "pigeon"},
      {"qemu:///session", ErrorId::unsupported, "networks"},
  };
  for (const auto& [uri, id, mentions] : cases) {
    expect_error(home.skiff({"start", "-p", "lab", "-d", "libvirt", "--libvirt-uri", uri}), id, mentions, uri);
    expect_error(home.skiff({"node-image", "build", "--vm", "--libvirt-uri", uri}), id, mentions, uri);
  }
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/profiles")));
}

TEST(BadInput, DockerSocketOfSomebodyElse) {
  if (!Home::as_nobody_possible()) GTEST_SKIP() << "root may open every socket, and there is no setpriv to be another";
  const Home home;
  const std::string path = home.path("no-docker.sock");
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  home.let_everybody_in();
  std::filesystem::permissions(path, std::filesystem::perms::none);
  expect_error(home.skiff_as_nobody({"start", "-p", "lab"}), ErrorId::docker_permission, "usermod -aG docker",
               "socket");
  ::close(listener);
}

TEST(BadInput, CorruptProfileIsRefusedAndKept) {
  const Home home;
  const std::string file = "skiff/profiles/lab/profile.yaml";
  home.add_profile("lab");
  const std::string good = home.read(file);
  for (const std::string& bad :
       {std::string("nodes: [3\n"), replace_all(good, "cp1", "many"), std::string("just words\n"), std::string()}) {
    home.write(file, bad);
    for (const Words& command : {Words{"start"}, Words{"stop"}, Words{"status"}}) {
      Words words = command;
      words.insert(words.end(), {"-p", "lab"});
      expect_error(home.skiff(words), ErrorId::config_invalid, "profile.yaml:", all(words) + bad);
      EXPECT_EQ(home.read(file), bad);
    }
  }
}

TEST(BadInput, CorruptKubeconfigIsRefusedAndKept) {
  const Home home;
  home.add_profile("lab");
  const std::string bad = "apiVersion: v1\nkind: Config\nclusters: [\n";
  home.write("kubeconfig", bad);
  expect_error(home.skiff({"update-context", "-p", "lab"}), ErrorId::kubeconfig_invalid,
               "kubeconfig:", "update-context");
  EXPECT_EQ(home.read("kubeconfig"), bad);
}

TEST(BadInput, FoldersThatMayNotBeReadAreAnErrorWithAnId) {
  Home home;
  if (!Home::as_nobody_possible()) GTEST_SKIP() << "root may read every folder, and there is no setpriv to be another";
  home.write("closed/file", "of root");
  home.let_everybody_in();
  home.env["HOME"] = home.path("closed");  // as in containers that set another user and keep HOME=/root
  home.env["SKIFF_HOME"] = "";
  std::filesystem::permissions(home.path("closed"), std::filesystem::perms::none);
  for (const Words& words : {Words{"start"}, Words{"status"}, Words{"config", "view"}, Words{"stop"}}) {
    expect_error(home.skiff_as_nobody(words), ErrorId::permission, home.path("closed"), all(words));
  }
  EXPECT_EQ(home.skiff_as_nobody({"version"}).exit_code, 0);
  EXPECT_EQ(home.skiff_as_nobody({"profile", "list"}).exit_code, 0);
  std::filesystem::permissions(home.path("closed"), std::filesystem::perms::all);
}

TEST(BadInput, CorruptSettingsAreRefusedAndKept) {
  const Home home;
  const std::vector<std::pair<std::string, std::string>> files = {{"nodes: 3\nmemroy: 2g\n", "config.yaml:2"},
                                                                  {"driver: docker\nnodes: many\n", "config.yaml:2"},
                                                                  {"nodes: [1]\n", "config.yaml:1"},
                                                                  {"- nodes\n", "config.yaml:1"}};
  for (const auto& [text, place] : files) {
    home.write("skiff/config.yaml", text);
    for (const Words& words :
         {Words{"config", "view"}, Words{"config", "set", "nodes", "2"}, Words{"start"}, Words{"status"}}) {
      expect_error(home.skiff(words), ErrorId::config_invalid, place, all(words) + text);
    }
    EXPECT_EQ(home.read("skiff/config.yaml"), text);
  }
}

TEST(BadInput, SettingsAreCheckedWhenSet) {
  const Home home;
  const std::vector<Words> cases = {{"nodes", "0"},    {"nodes", "x"},      {"nodes", "1000"},
                                    {"memory", "big"}, {"cpus", "-1"},      {"disk-size", "0"},
                                    {"profile", "A"},  {"profile", "../x"}, {"nodse", "3"}};
  for (const auto& pair : cases) {
    expect_error(home.skiff({"config", "set", pair[0], pair[1]}), ErrorId::usage, "", all(pair));
  }
  expect_error(home.skiff({"config", "set", "driver", "dokcer"}), ErrorId::driver_not_found, "docker", "driver");
  expect_error(home.skiff({"config", "set", "kubernetes-version", "v0"}), ErrorId::unsupported, "v0", "version");
  expect_error(home.skiff({"config", "set", "nodes"}), ErrorId::usage, "KEY VALUE", "one word");
  EXPECT_FALSE(std::filesystem::exists(home.path("skiff/config.yaml")));
}

TEST(BadInput, ErrorAsJson) {
  const Home home;
  const Ran ran = home.skiff({"status", "-p", "lab", "-o", "json"});
  EXPECT_EQ(ran.exit_code, 13);
  const Json line = ran.last_line();
  EXPECT_EQ(text_at(line, "type"), "dev.skiff.error");
  EXPECT_EQ(text_at(line, "command"), "status");
  EXPECT_EQ(text_at(line, "error.id"), "PROFILE_NOT_FOUND");
  EXPECT_EQ(int_at(line, "exit_code"), 13);
  EXPECT_NE(text_at(line, "error.advice").find("skiff start -p lab"), std::string::npos);
  EXPECT_NE(ran.err.find("Error: "), std::string::npos);
}

}  // namespace
}  // namespace skiff::test
