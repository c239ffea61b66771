// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/image_archive.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cluster/images/image_name.h"
#include "cluster/images/image_source.h"
#include "cluster/store/temporary.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "tests/fakes/tar_of.h"

namespace skiff::cluster {
namespace {

using fakes::Files;
using fakes::tar_of;

std::string blob(const std::string& digit) { return "blobs/sha256/" + std::string(64, digit[0]); }
std::string digest(const std::string& digit) { return "sha256:" + std::string(64, digit[0]); }

JsonObject descriptor(const std::string& digit, const std::string& platform, const JsonObject& annotations = {}) {
  JsonObject made{
      {"mediaType", "application/vnd.oci.image.manifest.v1+json"}, {"digest", digest(digit)}, {"size", 100}};
  if (const auto slash = platform.find('/'); slash != std::string::npos) {
    made["platform"] = JsonObject{{"os", platform.substr(0, slash)}, {"architecture", platform.substr(slash + 1)}};
  }
  if (!annotations.empty()) made["annotations"] = annotations;
  return made;
}

std::string index_of(const JsonArray& manifests) {
  return to_text(JsonObject{{"schemaVersion", 2}, {"manifests", manifests}});
}

std::string manifest(const std::string& configuration, const std::string& layer) {
  return to_text(JsonObject{{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                            {"config", JsonObject{{"digest", digest(configuration)}}},
                            {"layers", JsonArray{JsonObject{{"digest", digest(layer)}}}}});
}

std::string configuration(const std::string& architecture) {
  return to_text(JsonObject{{"os", "linux"}, {"architecture", architecture}});
}

// An image for amd64: manifest 1, configuration 2, layer 3.
Files parts(const std::string& architecture = "amd64") {
  return {{blob("1"), manifest("2", "3")}, {blob("2"), configuration(architecture)}, {blob("3"), "the layer"}};
}

Files with_index(const JsonArray& manifests, Files files = parts()) {
  files.emplace_back("oci-layout", R"({"imageLayoutVersion": "1.0.0"})");
  files.emplace_back("index.json", index_of(manifests));
  return files;
}

JsonObject named(const std::string& name) { return {{"io.containerd.image.name", name}}; }
JsonObject referred(const std::string& name) { return {{"org.opencontainers.image.ref.name", name}}; }

class ImageArchiveTest : public testing::Test {
 protected:
  ImageArchiveTest() { std::filesystem::create_directories(folder); }
  ~ImageArchiveTest() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& bytes) const {
    EXPECT_TRUE(sys::write_atomic(folder + "/a.tar", bytes).ok());
    return folder + "/a.tar";
  }
  static Result<ArchiveContents> read(const std::string& path) {
    auto reader = TRY(sys::ArchiveReader::open(path));
    return read_contents(reader);
  }
  Result<ImageChoice> choose(const Files& files, const std::optional<std::string>& name = {}) const {
    return choose_images(TRY(read(write(tar_of(files)))), "a.tar", "linux/amd64", name);
  }

  std::string folder = std::filesystem::temp_directory_path() / ("skiff-image-archive-" + sys::random_hex(6));
};

void expect_refusal(const Result<ImageChoice>& choice, ErrorId id, const std::string& words) {
  ASSERT_FALSE(choice.ok()) << words;
  EXPECT_EQ(choice.error().id, id) << choice.error().what;
  EXPECT_NE(choice.error().what.find(words), std::string::npos) << choice.error().what;
}

TEST(ImageName, IsCompleted) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"app", "docker.io/library/app:latest"},
      {"app:1.0", "docker.io/library/app:1.0"},
      {"me/app:1", "docker.io/me/app:1"},
      {"docker.io/app:1", "docker.io/library/app:1"},
      {"index.docker.io/me/app", "docker.io/me/app:latest"},
      {"localhost/app:1", "localhost/app:1"},
      {"localhost:5000/app", "localhost:5000/app:latest"},
      {"registry.test/a/b_c/d--e:V1", "registry.test/a/b_c/d--e:V1"},
  };
  for (const auto& [name, full] : cases) {
    EXPECT_EQ(full_image_name(name).value_or("none"), full);
    EXPECT_EQ(full_image_name(full).value_or("none"), full);
    EXPECT_EQ(full_image_name(short_image_name(full)).value_or("none"), full);
  }
  for (const auto* wrong : {"", ":1", "App", "app:", "a//b", "/app", "app/", "a b", "app:1:2", "-a", "a/B",
                            "app@sha256:12", "a:-x", "x.test/"}) {
    EXPECT_FALSE(full_image_name(wrong).ok()) << wrong;
  }
}

TEST_F(ImageArchiveTest, OfAnImageForManyPlatformsTheNodesOwnIsTaken) {
  const JsonArray children = {descriptor("8", "linux/386"), descriptor("1", "linux/amd64"),
                              descriptor("9", "linux/arm64"), descriptor("7", "unknown/unknown")};
  Files files = parts();
  files.emplace_back(blob("5"), index_of(children));
  JsonObject top = descriptor("5", "", named("docker.io/library/app:1"));
  const auto choice = choose(with_index({top}, files));
  ASSERT_TRUE(choice.ok()) << choice.error().what;
  EXPECT_EQ(choice->names, std::vector<std::string>{"docker.io/library/app:1"});
  EXPECT_TRUE(choice->left_out.empty());

  EXPECT_EQ(choice->wanted, (std::set<std::string>{blob("1"), blob("2"), blob("3")}));
  const Json index = parse_json(choice->index).value();
  EXPECT_EQ(array_at(index, "manifests").size(), 1U);
  EXPECT_EQ(text_at(index, "manifests.0.digest"), digest("1"));
}

TEST_F(ImageArchiveTest, OtherPlatformsAloneAreUnsupported) {
  const auto by_descriptor = choose(with_index({descriptor("1", "linux/arm64", named("docker.io/library/app:1"))}));
  expect_refusal(by_descriptor, ErrorId::image_unsupported, "app:1 for linux/arm64; the nodes are linux/amd64");
  const auto by_configuration =
      choose(with_index({descriptor("1", "", named("docker.io/library/app:1"))}, parts("arm64")));
  expect_refusal(by_configuration, ErrorId::image_unsupported, "linux/arm64");
  const Files old = {{"c.json", configuration("s390x")},
                     {"l/layer.tar", "x"},
                     {"manifest.json", R"([{"Config": "c.json", "RepoTags": ["app:1"], "Layers": ["l/layer.tar"]}])"}};
  expect_refusal(choose(old), ErrorId::image_unsupported, "linux/s390x");
}

TEST_F(ImageArchiveTest, AMissingLayerIsNamed) {
  Files files = parts();
  files.pop_back();
  const auto choice = choose(with_index({descriptor("1", "linux/amd64", named("docker.io/library/app:1"))}, files));
  expect_refusal(choice, ErrorId::image_invalid, blob("3"));
  const Files old = {{"c.json", configuration("amd64")},
                     {"manifest.json", R"([{"Config": "c.json", "RepoTags": ["app:1"], "Layers": ["l/layer.tar"]}])"}};
  expect_refusal(choose(old), ErrorId::image_invalid, "l/layer.tar");
}

TEST_F(ImageArchiveTest, ATagAloneIsNoName) {
  const Files files = with_index({descriptor("1", "linux/amd64", referred("1.0"))});
  expect_refusal(choose(files), ErrorId::image_invalid, "just '1.0'");
  const auto choice = choose(files, "app:1.0");
  ASSERT_TRUE(choice.ok()) << choice.error().what;
  EXPECT_EQ(choice->names, std::vector<std::string>{"docker.io/library/app:1.0"});
  const Json index = parse_json(choice->index).value();
  EXPECT_EQ(*find(index, "manifests.0.annotations"), Json(named("docker.io/library/app:1.0")));
  EXPECT_EQ(choose(files, "App").error().id, ErrorId::image_invalid);
}

TEST_F(ImageArchiveTest, NoNameAtAllIsRefused) {
  expect_refusal(choose(with_index({descriptor("1", "linux/amd64")})), ErrorId::image_invalid, "without a name");
  const Files old = {{"c.json", configuration("amd64")},
                     {"l", "x"},
                     {"manifest.json", R"([{"Config": "c.json", "RepoTags": null, "Layers": ["l"]}])"}};
  expect_refusal(choose(old), ErrorId::image_invalid, "without a name");
  const auto choice = choose(old, "app");
  ASSERT_TRUE(choice.ok()) << choice.error().what;
  const Json sent = parse_json(choice->manifest).value();
  EXPECT_EQ(text_at(sent, "0.RepoTags.0"), "docker.io/library/app:latest");
}

TEST_F(ImageArchiveTest, EveryNameIsLoadedAndTheRestIsTold) {
  const auto choice = choose(with_index({descriptor("1", "linux/amd64", named("docker.io/library/app:1")),
                                         descriptor("1", "linux/amd64", referred("localhost/app:2")),
                                         descriptor("6", "linux/arm64", named("docker.io/library/arm:1"))}));
  ASSERT_TRUE(choice.ok()) << choice.error().what;
  EXPECT_EQ(choice->names, (std::vector<std::string>{"docker.io/library/app:1", "localhost/app:2"}));
  ASSERT_EQ(choice->left_out.size(), 1U);
  EXPECT_NE(choice->left_out[0].find("arm:1"), std::string::npos);
  const Json index = parse_json(choice->index).value();
  EXPECT_EQ(array_at(index, "manifests").size(), 2U);
}

TEST_F(ImageArchiveTest, ANameForSeveralImagesIsAmbiguous) {
  const Files files = {{"c.json", configuration("amd64")},
                       {"d.json", configuration("amd64")},
                       {"l", "x"},
                       {"manifest.json", R"([{"Config": "c.json", "RepoTags": ["a"], "Layers": ["l"]},
                                             {"Config": "d.json", "RepoTags": ["b"], "Layers": ["l"]}])"}};
  expect_refusal(choose(files, "app:1"), ErrorId::usage, "2 images");
  EXPECT_EQ(choose(files)->names.size(), 2U);
}

TEST_F(ImageArchiveTest, AnIndexWithoutNamesGivesWayToNamesOfTheManifest) {
  Files files = with_index({descriptor("1", "linux/amd64")});
  files.emplace_back("manifest.json", R"([{"Config": ")" + blob("2") + R"(", "RepoTags": ["app:1"], "Layers": [")" +
                                          blob("3") + R"("]}])");
  const auto choice = choose(files);
  ASSERT_TRUE(choice.ok()) << choice.error().what;
  EXPECT_TRUE(choice->index.empty());
  EXPECT_TRUE(choice->wanted.contains(blob("3")));
}

TEST_F(ImageArchiveTest, CompressedArchivesAreRead) {
  const Files files = with_index({descriptor("1", "linux/amd64", named("docker.io/library/app:1"))});
  const std::string plain = write(tar_of(files));
  for (const std::string program : {"gzip", "bzip2", "xz", "zstd"}) {
    if (std::system((program + " --version >/dev/null 2>&1").c_str()) != 0) continue;
    const std::string packed = folder + "/packed";
    ASSERT_EQ(std::system((program + " -c " + plain + " >" + packed).c_str()), 0);
    const auto contents = read(packed);
    ASSERT_TRUE(contents.ok()) << program << contents.error().what;
    EXPECT_TRUE(contents->texts.contains("index.json"));
  }
}

TEST_F(ImageArchiveTest, WhatIsNoArchiveIsRefused) {
  const std::string good = tar_of(with_index({descriptor("1", "linux/amd64", named("docker.io/library/app:1"))}));
  for (const auto& bytes : {std::string(), std::string(5000, 'x'), std::string("FROM scratch\n"), good.substr(0, 700),
                            good.substr(0, 512 + 20)}) {
    const auto contents = read(write(bytes));
    ASSERT_FALSE(contents.ok()) << bytes.size();
    EXPECT_EQ(contents.error().id, ErrorId::image_invalid);
  }
  expect_refusal(choose({{"etc/passwd", "root"}}), ErrorId::image_invalid, "not of an image");
  expect_refusal(choose({{"index.json", "{"}}), ErrorId::image_invalid, "not JSON");
  expect_refusal(choose(with_index({})), ErrorId::image_invalid, "no image");
  EXPECT_FALSE(choose({{"index.json", R"({"manifests": [1, {"digest": 2, "annotations": []}]})"}}).ok());
  EXPECT_FALSE(choose({{"manifest.json", R"([1, {"Layers": {}, "RepoTags": [1]}])"}}).ok());
  EXPECT_FALSE(choose({{"manifest.json", R"({"Config": "c"})"}}).ok());
  EXPECT_EQ(read(folder + "/absent").error().id, ErrorId::host_error);
}

TEST(ImageSource, AFolderIsNoArchive) {
  NoEvents events;
  const auto image = find_image({{}, Deadline::in(std::chrono::seconds(5)), &events}, "./", "linux/amd64");
  ASSERT_FALSE(image.ok());
  EXPECT_EQ(image.error().id, ErrorId::image_not_found);
}

TEST_F(ImageArchiveTest, FilesOfKilledRunsAreRemoved) {
  ::setenv("SKIFF_HOME", folder.c_str(), 1);
  const std::string own = std::to_string(::getpid());
  ASSERT_TRUE(sys::make_folders(folder + "/tmp/copy-999999999-ab").ok());
  for (const auto& name : {"image-999999999-ab", "image-1-ab", "image-ab.tar"}) {
    ASSERT_TRUE(sys::write_atomic(folder + "/tmp/" + std::string(name), "x").ok());
  }
  const auto path = temporary_path("image");
  ::unsetenv("SKIFF_HOME");
  ASSERT_TRUE(path.ok());
  EXPECT_TRUE(path->starts_with(folder + "/tmp/image-" + own + "-"));
  EXPECT_EQ(sys::list_folder(folder + "/tmp"), (std::vector<std::string>{"image-1-ab", "image-ab.tar"}));
}

}  // namespace
}  // namespace skiff::cluster
