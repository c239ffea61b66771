// SPDX-License-Identifier: Apache-2.0
// Archives on their way into nodes that have a part of them: who gets what, and that an image is there whole or not.
#include "cluster/images/image_stream.h"

#include <gtest/gtest.h>

#include <mutex>

#include "cluster/images/node_images.h"
#include "sys/hash.h"
#include "tests/fakes/fake_driver.h"
#include "tests/fakes/tar_of.h"

namespace skiff::cluster {
namespace {

using fakes::Files;
using fakes::tar_of;

std::string digest_of(const std::string& text) { return "sha256:" + sys::sha256_hex(text); }
std::string blob_path(const std::string& text) { return "blobs/sha256/" + sys::sha256_hex(text); }
std::string layer(char letter) { return std::string(3000, letter); }  // no JSON, and not whole blocks

// What a node's containerd would do with what it is told.
struct FakeStore {
  NodeBlobs blobs;
  NodeNames names;
  std::set<std::string> sent;  // digests, of all imports
  int imports = 0;

  int run(const drivers::ExecRequest& request) {
    NoEvents quiet;
    const Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &quiet};
    std::string listing;
    for (const auto& [digest, size] : blobs) listing += digest.substr(7) + " " + std::to_string(size) + "\n";
    request.out(listing + ".\n");
    std::string input;
    for (;;) {
      while (input.find('\n') == std::string::npos) {
        const auto piece = request.in(ctx);
        if (!piece.ok()) return 137;
        if (piece->empty()) return 0;
        input += *piece;
      }
      const std::string line = input.substr(0, input.find('\n'));
      input.erase(0, line.size() + 1);
      if (line.starts_with("import ")) return import(ctx, request, std::move(input));
      std::string answer = "REF TYPE DIGEST SIZE PLATFORMS LABELS\n";
      for (const auto& [name, digest] : names) {
        if (line.find("name==" + name) != std::string::npos) answer += name + " type " + digest + " 1 MiB linux -\n";
      }
      request.out(answer + ".\n");
    }
  }

  int import(const Context& ctx, const drivers::ExecRequest& request, std::string input) {
    ++imports;
    const auto pieces = [&]() -> Result<std::string> {
      if (!input.empty()) return std::exchange(input, {});
      return request.in(ctx);
    };
    auto reader = sys::ArchiveReader::open(pieces, "stdin");
    std::string index;
    std::map<std::string, std::string> texts;
    for (;;) {
      const auto entry = reader.ok() ? reader->next() : Result<std::optional<sys::ArchiveEntry>>(reader.error());
      if (!entry.ok()) return 1;
      if (!*entry) break;
      std::string content;
      for (auto piece = reader->read(4096); piece.ok() && !piece->empty(); piece = reader->read(4096))
        content += *piece;
      if ((*entry)->path == "oci-layout") continue;
      if ((*entry)->path == "index.json") {
        index = content;
        continue;
      }
      blobs[digest_of(content)] = content.size();
      sent.insert(digest_of(content));
      texts[digest_of(content)] = content;
    }
    const auto parsed = parse_json(index);
    if (!parsed.ok()) return 1;
    for (const auto& item : array_at(*parsed, "manifests")) {
      const std::string digest = text_at(item, "digest");
      const auto manifest = parse_json(texts.contains(digest) ? texts[digest] : "{}");
      for (const auto& each : array_at(*manifest, "layers")) {
        if (!blobs.contains(text_at(each, "digest"))) {
          request.err("ctr: content digest " + text_at(each, "digest") + ": not found\n");
          return 1;
        }
      }
      names[std::string(find(item, "annotations")->get_object().at("io.containerd.image.name").get_string())] = digest;
    }
    return 0;
  }
};

class ImageStreamTest : public testing::Test {
 protected:
  ImageStreamTest() {
    for (const auto* name : {"lab-cp1", "lab-w1"}) {
      nodes.push_back({{"lab", "id"}, name});
      driver.machines[name].node = {nodes.back(), Role::worker, drivers::NodeState::running, {}, "image"};
      stores[name];
    }
    driver.command = [this](const drivers::NodeId& id, const drivers::ExecRequest& request) -> std::optional<int> {
      if (request.argv.back() != image_command) return std::nullopt;
      return stores.at(id.name).run(request);
    };
  }

  Result<void> pass(const std::string& archive, bool scan, const std::optional<std::string>& name = {}) {
    return NodeTalks::run(ctx, driver, nodes, [&](const Context& c, NodeTalks& talks) -> Result<void> {
      auto feed = TRY(Feed::open(c, talks, {.platform = "linux/amd64"}));
      std::optional<ArchiveContents> contents;
      if (scan) {
        auto scanned = TRY(open(archive));
        contents = TRY(read_contents(scanned));
      }
      auto reader = TRY(open(archive));
      const auto layout = TRY(pass_images(c, reader, feed, "a.tar", name, contents ? &*contents : nullptr));
      return feed.finish(c, layout, "a.tar");
    });
  }
  static Result<sys::ArchiveReader> open(const std::string& archive) {
    auto rest = std::make_shared<std::string>(archive);
    return sys::ArchiveReader::open(
        [rest]() -> Result<std::string> {
          std::string piece = rest->substr(0, 1000);
          rest->erase(0, piece.size());
          return piece;
        },
        "a.tar");
  }

  NoEvents events;
  Context ctx{{}, Deadline::in(std::chrono::seconds(20)), &events};
  fakes::FakeDriver driver;
  std::vector<drivers::NodeId> nodes;
  std::map<std::string, FakeStore> stores;
};

// As OCI layouts and as `docker save` of an old engine writes them.
struct Made {
  std::string configuration;
  std::string manifest;
  Files files;
};
Made oci(const std::vector<std::string>& layers) {
  Made made;
  JsonArray digests;
  JsonArray described;
  for (const auto& each : layers) {
    digests.emplace_back(digest_of(each));
    described.push_back(JsonObject{{"digest", digest_of(each)}, {"size", each.size()}});
    made.files.emplace_back(blob_path(each), each);
  }
  made.configuration = to_text(
      JsonObject{{"os", "linux"}, {"architecture", "amd64"}, {"rootfs", JsonObject{{"diff_ids", std::move(digests)}}}});
  made.manifest = to_text(
      JsonObject{{"config", JsonObject{{"digest", digest_of(made.configuration)}}}, {"layers", std::move(described)}});
  made.files.emplace_back(blob_path(made.configuration), made.configuration);
  made.files.emplace_back(blob_path(made.manifest), made.manifest);
  made.files.emplace_back(
      "index.json",
      to_text(JsonObject{
          {"manifests", JsonArray{JsonObject{
                            {"digest", digest_of(made.manifest)},
                            {"size", made.manifest.size()},
                            {"annotations", JsonObject{{"io.containerd.image.name", "docker.io/library/app:1"}}}}}}}));
  return made;
}
Files docker(const std::vector<std::string>& layers) {
  const Made made = oci(layers);
  Files files = {{"c.json", made.configuration}};
  JsonArray paths;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    paths.emplace_back(std::to_string(i) + "/layer.tar");
    files.emplace_back(std::to_string(i) + "/layer.tar", layers[i]);
  }
  const JsonObject item{{"Config", "c.json"}, {"RepoTags", JsonArray{"app:1"}}, {"Layers", std::move(paths)}};
  files.emplace_back("manifest.json", to_text(JsonArray{item}));
  return files;
}

TEST_F(ImageStreamTest, EachNodeGetsWhatItLacks) {
  for (const bool scan : {false, true}) {
    stores = {{"lab-cp1", {}}, {"lab-w1", {}}};
    stores["lab-w1"].blobs[digest_of(layer('a'))] = 3000;
    const Made made = oci({layer('a'), layer('b')});
    const auto passed = pass(tar_of(made.files), scan);
    ASSERT_TRUE(passed.ok()) << passed.error().what;
    const std::set<std::string> all = {digest_of(made.configuration), digest_of(made.manifest), digest_of(layer('a')),
                                       digest_of(layer('b'))};
    EXPECT_EQ(stores["lab-cp1"].sent, all);
    std::set<std::string> rest = all;
    rest.erase(digest_of(layer('a')));
    EXPECT_EQ(stores["lab-w1"].sent, rest);
    for (const auto& [name, store] : stores) {
      EXPECT_EQ(store.names, (NodeNames{{"docker.io/library/app:1", digest_of(made.manifest)}})) << name;
    }
  }
}

TEST_F(ImageStreamTest, WhatIsThereIsNotLoadedAgainAndATagMoves) {
  const auto first = tar_of(oci({layer('a')}).files);
  const Made second = oci({layer('a'), layer('b')});
  ASSERT_TRUE(pass(first, true).ok());
  ASSERT_TRUE(pass(first, true).ok());
  EXPECT_EQ(stores["lab-w1"].imports, 1);
  ASSERT_TRUE(pass(tar_of(second.files), true).ok());
  ASSERT_TRUE(pass(first, true).ok());  // all is there, but the name is another's
  EXPECT_EQ(stores["lab-w1"].imports, 3);
  EXPECT_EQ(stores["lab-w1"].names["docker.io/library/app:1"], digest_of(oci({layer('a')}).manifest));
}

TEST_F(ImageStreamTest, OldArchivesOfDockerGetTheSameImageEitherWay) {
  const auto archive = tar_of(docker({layer('a'), layer('b')}));
  ASSERT_TRUE(pass(archive, false).ok());
  const auto names = stores["lab-cp1"].names;
  ASSERT_EQ(names.size(), 1U);
  stores = {{"lab-cp1", {}}, {"lab-w1", {}}};
  stores["lab-w1"].blobs[digest_of(layer('b'))] = 3000;
  const auto passed = pass(archive, true);
  ASSERT_TRUE(passed.ok()) << passed.error().what;
  EXPECT_EQ(stores["lab-cp1"].names, names);
  EXPECT_EQ(stores["lab-w1"].names, names);
  EXPECT_FALSE(stores["lab-w1"].sent.contains(digest_of(layer('b'))));
}

TEST_F(ImageStreamTest, DamageIsSaidAndNothingIsNamed) {
  Made made = oci({layer('a'), layer('b')});
  made.files[0].second[7] = 'x';
  for (const bool scan : {false, true}) {
    const auto passed = pass(tar_of(made.files), scan);
    ASSERT_FALSE(passed.ok());
    EXPECT_EQ(passed.error().id, ErrorId::image_invalid) << passed.error().what;
    EXPECT_TRUE(stores["lab-cp1"].names.empty());
  }
  const std::string good = tar_of(oci({layer('a'), layer('b')}).files);
  const auto cut = pass(good.substr(0, 2000), false);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().id, ErrorId::image_invalid) << cut.error().what;
  EXPECT_TRUE(stores["lab-cp1"].names.empty());
}

TEST_F(ImageStreamTest, ANodesWordsAreTheReason) {
  driver.command = [](const drivers::NodeId& id, const drivers::ExecRequest& request) -> std::optional<int> {
    request.out(".\n");
    if (id.name == "lab-cp1") return 0;
    request.err("ctr: write /var/lib/x: no space left on device\n");
    return 1;
  };
  const auto passed = pass(tar_of(oci({layer('a')}).files), true);
  ASSERT_FALSE(passed.ok());
  EXPECT_EQ(passed.error().id, ErrorId::disk_full);
  EXPECT_NE(passed.error().what.find("lab-w1"), std::string::npos);
}

TEST(ImageLayout, OfAnInspectedImageIsTheSameEveryTime) {
  const Json about = parse_json(R"({"Architecture": "amd64", "Os": "linux", "Created": "2026-01-01T00:00:00Z",
    "Config": {"Env": ["A=1"], "Cmd": ["/x"], "Volumes": null}, "RootFS": {"Layers": ["sha256:1"]}})")
                         .value();
  const std::string configuration = configuration_of(about);
  EXPECT_EQ(configuration, configuration_of(parse_json(to_text(about)).value()));
  const Json made = parse_json(configuration).value();
  EXPECT_EQ(text_at(made, "config.Cmd.0"), "/x");
  EXPECT_EQ(find(made, "config.Volumes"), nullptr);
  EXPECT_EQ(text_at(made, "rootfs.diff_ids.0"), "sha256:1");
}

TEST(ImageLayout, OfAKnownManifestHasNoPartsOfItsOwn) {
  const Json manifest = parse_json(R"({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:7",
    "size": 757})")
                            .value();
  const Layout layout = layout_of_known({"docker.io/library/app:1"}, manifest, "linux/amd64");
  EXPECT_EQ(layout.targets, (std::map<std::string, std::string>{{"docker.io/library/app:1", "sha256:7"}}));
  EXPECT_TRUE(layout.texts.empty());
  EXPECT_TRUE(layout.layers.empty());
  const Json index = parse_json(layout.index()).value();
  EXPECT_EQ(text_at(index, "manifests.0.digest"), "sha256:7");
  EXPECT_EQ(int_at(index, "manifests.0.size"), 757);
  EXPECT_EQ(text_at(index, "manifests.0.platform.architecture"), "amd64");
}

TEST(ImageLayout, OfTwoImagesWithOneNameTheLastHasIt) {
  Layout both = layout_of({"docker.io/library/app:1"}, "{}", {{"sha256:1", 1, ""}}, "linux/amd64");
  const Layout second = layout_of({"docker.io/library/app:1"}, "{}", {{"sha256:2", 1, "+gzip"}}, "linux/amd64");
  both.add(second);
  EXPECT_EQ(both.targets, second.targets);
  EXPECT_EQ(array_at(parse_json(both.index()).value(), "manifests").size(), 1U);
  EXPECT_EQ(both.names.size(), 1U);
}

}  // namespace
}  // namespace skiff::cluster
