// SPDX-License-Identifier: Apache-2.0
#include "cli/minikube/answers.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/minikube/files.h"
#include "cli/minikube/reasons.h"

namespace skiff::cli::minikube {
namespace {

ClusterSpec lab() {
  ClusterSpec spec;
  spec.profile = "lab";
  spec.driver = "docker";
  spec.kubernetes_version = "v1.37.2";
  spec.node_names = NodeNames::numbers;
  spec.node_subnet = parse_cidr("192.168.80.0/24").value();
  grow(spec, 2);
  return spec;
}

Speech speech(bool json, std::string layout = "nodes") {
  Speech speech;
  speech.profile = "lab";
  speech.json = json;
  speech.shape.status_layout = std::move(layout);
  speech.configs = [] { return JsonObject{{"lab", cluster_config(lab())}}; };
  return speech;
}

Answer status(std::string_view api, std::string_view host, std::string_view kubelet, int exit_code) {
  const auto node = [&](std::string_view name, std::string_view role) {
    return JsonObject{{"name", name}, {"role", role}, {"host", host}, {"kubelet", kubelet}};
  };
  return {.text = "own text",
          .data = {{"profile", "lab"},
                   {"api_server", api},
                   {"kubeconfig", "Configured"},
                   {"nodes", JsonArray{node("lab", "control-plane"), node("lab-m02", "worker")}}},
          .exit_code = exit_code};
}

TEST(MinikubeAnswers, OnlyWhatIsStoppedIsSaidToBe) {
  const auto said = [](JsonObject data) { return say_answer("stop", {.data = std::move(data)}, speech(false)).out; };
  EXPECT_EQ(said({{"profiles", JsonArray{"lab", "b"}}}), "* Stopped cluster \"lab\"\n* Stopped cluster \"b\"\n");
  EXPECT_EQ(said({{"profiles", JsonArray{"lab"}}, {"scheduled_in_ms", 300000}}), "");
  EXPECT_EQ(said({{"cancelled", JsonArray{"lab"}}}), "* All existing scheduled stops cancelled\n");
  EXPECT_EQ(said({{"cancelled", JsonArray{}}}), "* No existing scheduled stops were found\n");
}

TEST(MinikubeAnswers, AVersionIsAsShortOrAsLongAsAskedFor) {
  const Answer brief{.data = {{"skiff", "0.1.0"}, {"short", true}}};
  EXPECT_TRUE(say_answer("version", brief, speech(false)).out.starts_with("v1."));
  auto whole = speech(true);
  whole.shape.components = true;
  const auto said = say_answer("version", {.data = {{"containerd", "v2.0.0"}}}, whole).out;
  for (const std::string name : {"buildctl", "containerd", "crictl", "crio", "ctr", "minikubeVersion", "runc"}) {
    EXPECT_NE(said.find("\"" + name + "\""), std::string::npos) << name;
  }
}

TEST(MinikubeAnswers, AddonsThatOnlyMinikubeHasAreDisabled) {
  const Answer none{.data = {{"profile", "lab"}, {"addons", JsonArray{}}}};
  EXPECT_NE(say_answer("addons list", none, speech(false)).out.find("| dashboard "), std::string::npos);
  EXPECT_NE(say_answer("addons list", none, speech(true))
                .out.find("\"dashboard\":{\"Profile\":\"lab\",\"Status\":\"disabled\"}"),
            std::string::npos);
}

TEST(MinikubeAnswers, ACommandWithoutKubernetesSaysSo) {
  const Answer bare{.data = {{"profile", "lab"}, {"no_kubernetes", true}}};
  EXPECT_EQ(say_answer("start", bare, speech(false)).out, "* Done! minikube is ready without Kubernetes!\n");
  auto told = status("Irrelevant", "Running", "Irrelevant", 0);
  told.data["kubeconfig"] = "Irrelevant";
  const auto said = say_answer("status", told, speech(false));
  EXPECT_EQ(said.exit_code, 2);
  EXPECT_NE(said.out.find("kubelet: Stopped\napiserver: Stopped\nkubeconfig: Irrelevant"), std::string::npos);
}

TEST(MinikubeAnswers, StatusAsText) {
  const auto said = say_answer("status", status("Running", "Running", "Ready", 0), speech(false));
  EXPECT_EQ(said.out,
            "lab\ntype: Control Plane\nhost: Running\nkubelet: Running\napiserver: Running\nkubeconfig: Configured\n\n"
            "lab-m02\ntype: Worker\nhost: Running\nkubelet: Running\n\n");
  EXPECT_EQ(say_answer("status", status("Running", "Running", "NotReady", 8), speech(false)).exit_code, 0);
  EXPECT_EQ(say_answer("status", status("Paused", "Paused", "Paused", 7), speech(false)).exit_code, 2);
  EXPECT_EQ(say_answer("status", status("Stopped", "Stopped", "Stopped", 7), speech(false)).exit_code, 7);
  Answer one_stopped = status("Running", "Running", "Ready", 1);
  one_stopped.data["nodes"].as_array()[1].as_object()["host"] = "Stopped";
  EXPECT_EQ(say_answer("status", one_stopped, speech(false)).exit_code, 7);
  EXPECT_NE(say_answer("status", one_stopped, speech(false)).out.find("host: Stopped\nkubelet: Stopped"),
            std::string::npos);
}

TEST(MinikubeAnswers, StatusAsJson) {
  const auto nodes =
      parse_json(say_answer("status", status("Running", "Running", "Ready", 0), speech(true)).out).value();
  ASSERT_EQ(nodes.as_array().size(), 2U);
  EXPECT_EQ(text_at(nodes.as_array()[0], "APIServer"), "Running");
  EXPECT_EQ(text_at(nodes.as_array()[1], "Kubeconfig"), "Irrelevant");

  const auto paused = status("Paused", "Running", "Paused", 2);
  const auto cluster = parse_json(say_answer("status", paused, speech(true, "cluster")).out).value();
  EXPECT_EQ(int_at(cluster, "StatusCode"), 418);
  EXPECT_EQ(text_at(cluster, "StatusName"), "Paused");
  const auto& node = array_at(cluster, "Nodes")[0];
  EXPECT_EQ(int_at(node, "Components.kubelet.StatusCode"), 405);
  EXPECT_EQ(int_at(node, "Components.apiserver.StatusCode"), 418);
}

TEST(MinikubeAnswers, ProfilesAsProgramsReadThem) {
  const Answer answer{
      .data = {{"profiles",
                JsonArray{JsonObject{{"name", "lab"}, {"driver", "docker"}, {"state", "Running"}, {"current", true}},
                          JsonObject{{"name", "torn"}, {"state", "Unknown"}}}}}};
  const auto list = parse_json(say_answer("profile list", answer, speech(true)).out).value();
  ASSERT_EQ(array_at(list, "valid").size(), 1U);
  const auto& profile = array_at(list, "valid")[0];
  EXPECT_EQ(text_at(profile, "Name"), "lab");
  EXPECT_EQ(array_at(profile, "Config.Nodes").size(), 2U);
  EXPECT_EQ(text_at(array_at(profile, "Config.Nodes")[0], "IP"), "192.168.80.2");
  EXPECT_EQ(text_at(array_at(profile, "Config.Nodes")[1], "Name"), "m02");
  EXPECT_EQ(text_at(array_at(list, "invalid")[0], "Name"), "torn");

  const auto table = say_answer("profile list", answer, speech(false)).out;
  EXPECT_NE(table.find("| lab     | docker | containerd | 192.168.80.2 |"), std::string::npos) << table;
  EXPECT_EQ(say_answer("profile list", {.data = {{"profiles", JsonArray()}}}, speech(false)).exit_code, 85);
}

TEST(MinikubeAnswers, ErrorsHaveItsIdsAndCodes) {
  const auto said =
      say_error("start", make_error(ErrorId::memory_too_small, "too small", "Say 'skiff start' anew"), speech(false));
  EXPECT_EQ(said.exit_code, 23);
  EXPECT_NE(said.err.find("X Exiting due to RSRC_INSUFFICIENT_REQ_MEMORY: too small"), std::string::npos);
  EXPECT_NE(said.err.find("'minikube start'"), std::string::npos);
  const auto absent = say_error("status", make_error(ErrorId::profile_not_found, "none"), speech(false));
  EXPECT_EQ(absent.exit_code, 85);
  EXPECT_TRUE(absent.out.starts_with("* Profile \"lab\" not found. Run \"minikube profile list\"")) << absent.out;
  EXPECT_EQ(reason_of(ErrorId::tunnel_conflict).exit_code, 111);
}

TEST(MinikubeAnswers, OnlyOurNameIsReplaced) {
  EXPECT_EQ(in_its_words("Run 'skiff start', or: skiff ssh"), "Run 'minikube start', or: minikube ssh");
  EXPECT_EQ(in_its_words("the home of skiff is ~/.skiff"), "the home of skiff is ~/.skiff");
}

TEST(MinikubeTerminal, StepsAreCloudEvents) {
  std::ostringstream out;
  std::ostringstream err;
  const auto events = terminal(speech(true), {out, err});
  events->step_started("nodes", "Creating 2 nodes");
  events->step_started("api", "Waiting for the API");
  EXPECT_EQ(events->answer("start", {.data = {{"profile", "lab"}}}), 0);
  std::istringstream lines(out.str());
  std::string line;
  int step = 0;
  std::string last;
  while (std::getline(lines, line)) {
    const auto event = parse_json(line).value();
    EXPECT_EQ(text_at(event, "specversion"), "1.0");
    EXPECT_FALSE(text_at(event, "id").empty());
    last = text_at(event, "type");
    if (last == "io.k8s.sigs.minikube.step") {
      EXPECT_EQ(text_at(event, "data.currentstep"), std::to_string(step++));
    }
  }
  EXPECT_EQ(step, 2);
  EXPECT_EQ(last, "io.k8s.sigs.minikube.info");
  EXPECT_EQ(err.str(), "");
}

}  // namespace
}  // namespace skiff::cli::minikube
