// SPDX-License-Identifier: Apache-2.0
#include "cli/face.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::cli {
namespace {

using Words = std::vector<std::string>;

class FaceTest : public testing::Test {
 protected:
  FaceTest() {
    ::setenv("SKIFF_HOME", folder.c_str(), 1);
    ::setenv("KUBECONFIG", (folder + "/config").c_str(), 1);
    EXPECT_TRUE(sys::make_folders(folder + "/profiles/lab").ok());
  }
  ~FaceTest() override {
    ::unsetenv("SKIFF_HOME");
    ::unsetenv("KUBECONFIG");
    std::filesystem::remove_all(folder);
  }
  static Words kubectl(Words words) {
    return face_of("/usr/local/bin/kubectl")->translate({}, std::move(words)).value();
  }

  std::string folder = std::filesystem::temp_directory_path() / ("skiff-face-" + sys::random_hex(6));
};

TEST_F(FaceTest, IsThatOfTheNameInThePath) {
  EXPECT_EQ(face_of("minikube")->default_profile(), "minikube");
  EXPECT_EQ(face_of("/opt/minikube/skiff")->default_profile(), "skiff");
  EXPECT_EQ(face_of("./skiff")->translate({}, {"start", "-n", "2"}).value(), (Words{"start", "-n", "2"}));
}

TEST_F(FaceTest, KubectlIsThatOfTheContextsCluster) {
  EXPECT_EQ(kubectl({"--context", "lab", "get", "pods"}),
            (Words{"--profile=lab", "kubectl", "--", "--context", "lab", "get", "pods"}));
  EXPECT_EQ(kubectl({"get", "pods", "-o", "json"}),
            (Words{"kubectl", "--own-kubeconfig", "--", "get", "pods", "-o", "json"}));
  EXPECT_TRUE(sys::write_atomic(folder + "/config", "apiVersion: v1\nkind: Config\ncurrent-context: lab\n").ok());
  EXPECT_EQ(kubectl({"get", "pods"}).front(), "--profile=lab");
  EXPECT_EQ(kubectl({"exec", "x", "--", "cmd", "--context", "other"}).front(), "--profile=lab");
}

}  // namespace
}  // namespace skiff::cli
