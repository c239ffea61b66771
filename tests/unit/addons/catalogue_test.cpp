// SPDX-License-Identifier: Apache-2.0
#include "addons/catalogue.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "addons/lint.h"
#include "tests/unit/addons/addon_folder.h"

namespace skiff::addons {
namespace {

TEST(Catalogue, EmbeddedAddonsPassTheLint) {
  const auto catalogue = make_catalogue({});
  EXPECT_TRUE(find_addon(catalogue, "ingress").ok());
  for (const auto& entry : catalogue) {
    ASSERT_TRUE(entry.addon.ok()) << entry.addon.error().what;
    for (const auto& problem : lint(*entry.addon)) ADD_FAILURE() << problem.what;
  }
}

TEST(Catalogue, AliasesLeadToTheAddon) {
  EXPECT_EQ(find_addon(make_catalogue({}), "ingress-nginx").value().name, "ingress");
}

TEST(Catalogue, UnknownNamesGetTheNearestOne) {
  const auto found = find_addon(make_catalogue({}), "ingres");
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().id, ErrorId::addon_not_found);
  EXPECT_EQ(found.error().what, "There is no addon 'ingres'; did you mean 'ingress'?");
}

// minikube's list; whoever types one of them gets it, or hears why not and what to do instead.
TEST(Catalogue, KnowsEveryNameOfMinikubes) {
  const auto catalogue = make_catalogue({});
  for (const auto* name : {"ambassador",
                           "amd-gpu-device-plugin",
                           "auto-pause",
                           "cloud-spanner",
                           "csi-hostpath-driver",
                           "dashboard",
                           "default-storageclass",
                           "efk",
                           "freshpod",
                           "gcp-auth",
                           "gvisor",
                           "headlamp",
                           "helm-tiller",
                           "inaccel",
                           "ingress",
                           "ingress-dns",
                           "inspektor-gadget",
                           "istio",
                           "istio-provisioner",
                           "kong",
                           "kubeflow",
                           "kubetail",
                           "kubevirt",
                           "logviewer",
                           "metallb",
                           "metrics-server",
                           "nvidia-device-plugin",
                           "nvidia-driver-installer",
                           "nvidia-gpu-device-plugin",
                           "olm",
                           "pod-security-policy",
                           "portainer",
                           "registry",
                           "registry-aliases",
                           "registry-creds",
                           "rook-ceph",
                           "storage-provisioner",
                           "storage-provisioner-gluster",
                           "storage-provisioner-rancher",
                           "traefik",
                           "volcano",
                           "volumesnapshots",
                           "yakd"}) {
    const auto found = find_addon(catalogue, name);
    if (found.ok()) continue;
    EXPECT_EQ(found.error().id, ErrorId::unsupported) << name;
    EXPECT_FALSE(found.error().advice.empty()) << name;
    EXPECT_NE(found.error().what.find(name), std::string::npos) << name;
  }
  EXPECT_EQ(find_addon(catalogue, "storage-provisioner-rancher").value().name, "storage");
  EXPECT_EQ(find_addon(catalogue, "traefik").value().name, "gateway");
}

TEST(Catalogue, OwnAddonsMayHaveANameOfMinikubes) {
  Folder own = folder_of(small_description);
  own.name = "dashboard";
  EXPECT_TRUE(find_addon(make_catalogue({own}), "dashboard").ok());
}

TEST(Catalogue, OwnAddonsComeFirstAndADamagedOneSpoilsNothing) {
  Folder own = folder_of(small_description);
  own.name = "ingress";
  const auto catalogue = make_catalogue({own, folder_of("summary: [\n")});
  EXPECT_FALSE(find_addon(catalogue, "ingress").value().folder.built_in);
  EXPECT_EQ(find_addon(catalogue, "small").error().id, ErrorId::addon_invalid);
}

TEST(Catalogue, ReadsFolders) {
  const auto root = std::filesystem::path(testing::TempDir()) / "skiff-catalogue";
  std::filesystem::create_directories(root / "mine" / "manifests");
  std::filesystem::create_directories(root / "not-an-addon");
  std::ofstream(root / "mine" / "addon.yaml") << small_description;
  std::ofstream(root / "mine" / "manifests" / "a.yaml") << small_manifest;
  std::ofstream(root / "mine" / "manifests" / "README.md") << "not a manifest";
  const auto folders = read_folders(root);
  std::filesystem::remove_all(root);
  ASSERT_EQ(folders.value().size(), 1U);
  EXPECT_EQ(folders.value()[0].files.size(), 2U);
  EXPECT_TRUE(lint(parse_addon(folders.value()[0]).value()).empty());
  EXPECT_TRUE(read_folders(root).value().empty());
}

TEST(Lint, SeesUndeclaredImagesAndWorkloadsNobodyWaitsFor) {
  const auto problems = lint(addon_of(small_description, R"(apiVersion: apps/v1
kind: DaemonSet
metadata: {name: d, namespace: "n"}
spec: {template: {spec: {containers: [{name: c, image: "a.test/b:1"}]}}}
)"));
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].what,
            "/there/small/addon.yaml:1: the DaemonSet n/d uses the image 'a.test/b:1', which is not declared");
  EXPECT_EQ(problems[1].what, "/there/small/addon.yaml:1: nothing under 'ready' waits for the DaemonSet n/d");
}

}  // namespace
}  // namespace skiff::addons
