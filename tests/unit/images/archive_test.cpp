// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "images/image_archive.h"
#include "images/tar_file.h"
#include "sys/files.h"
#include "sys/hash.h"
#include "sys/process.h"

namespace skiff::images {
namespace {

class Archive : public testing::Test {
 protected:
  Archive() : folder_(testing::TempDir() + "skiff-archive-" + sys::random_hex(4)) {
    std::filesystem::create_directories(folder_);
  }
  ~Archive() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + '/' + name; }
  // What the system's tar, another implementation of the format, makes of an archive.
  std::string tar(std::vector<std::string> arguments) const {
    NoEvents events;
    arguments.insert(arguments.begin(), "tar");
    const auto output = sys::run_checked({{}, Deadline::never(), &events}, {.argv = arguments});
    EXPECT_TRUE(output.ok()) << (output.ok() ? "" : output.error().trail.at(0));
    return output.ok() ? output->out : "";
  }

  const std::string folder_;
};

TEST_F(Archive, HoldsFilesFoldersAndLinks) {
  TarFile file(path("a.tar"));
  file.add_file("/etc/deep/one", "first", 0644);
  file.add_file("/etc/deep/two", std::string(1000, 'x'), 0755);
  file.add_link("/etc/three", "deep/one");
  ASSERT_TRUE(file.close().ok());

  EXPECT_EQ(tar({"-tf", path("a.tar")}), "etc/\netc/deep/\netc/deep/one\netc/deep/two\netc/three\n");
  EXPECT_EQ(tar({"-xOf", path("a.tar"), "etc/deep/two"}), std::string(1000, 'x'));
  EXPECT_NE(tar({"-tvf", path("a.tar")}).find("etc/three -> deep/one"), std::string::npos);
}

TEST_F(Archive, LongPathsKeepTheirNames) {
  const std::string long_path = '/' + std::string(90, 'a') + '/' + std::string(90, 'b');
  TarFile file(path("a.tar"));
  file.add_file(long_path, "x", 0644);
  ASSERT_TRUE(file.close().ok());
  EXPECT_EQ(tar({"-xOf", path("a.tar"), long_path.substr(1)}), "x");
}

TEST_F(Archive, NoFolderOfAnAppendedArchiveComesTwice) {
  std::filesystem::create_directories(path("root/usr/bin"));
  ASSERT_TRUE(sys::write_atomic(path("root/usr/bin/old"), std::string(700, 'o')).ok());
  tar({"--format=pax", "-cf", path("base.tar"), "-C", path("root"), "."});

  TarFile file(path("all.tar"));
  ASSERT_TRUE(file.append_archive(path("base.tar")).ok());
  file.add_file("/usr/bin/new", "new", 0755);
  file.add_file("/usr/lib/x", "x", 0644);
  ASSERT_TRUE(file.close().ok());

  EXPECT_EQ(tar({"-tf", path("all.tar")}), "./\n./usr/\n./usr/bin/\n./usr/bin/old\nusr/bin/new\nusr/lib/\nusr/lib/x\n");
  EXPECT_EQ(tar({"-xOf", path("all.tar"), "./usr/bin/old"}), std::string(700, 'o'));
}

TEST_F(Archive, AnArchiveThatIsCutShortIsAnError) {
  ASSERT_TRUE(sys::write_atomic(path("cut.tar"), "usr").ok());
  TarFile file(path("all.tar"));
  EXPECT_FALSE(file.append_archive(path("cut.tar")).ok());
  EXPECT_FALSE(file.append_archive(path("absent.tar")).ok());
}

TEST_F(Archive, AFileThatCannotBeWrittenIsAnError) {
  TarFile file(path("no/such/folder.tar"));
  file.add_file("/a", "x", 0644);
  EXPECT_FALSE(file.close().ok());
}

TEST_F(Archive, OfAnImageNamesItsLayerByContent) {
  TarFile layer(path("layer.tar"));
  layer.add_file("/hello", "program", 0755);
  ASSERT_TRUE(layer.close().ok());
  const ImageConfig config{.reference = "skiff.dev/hello:1", .entrypoint = {"/hello"}};
  ASSERT_TRUE(write_image_archive(path("image.tar"), config, path("layer.tar")).ok());

  const Json manifest = parse_json(tar({"-xOf", path("image.tar"), "manifest.json"})).value();
  EXPECT_EQ(text_at(manifest, "0.RepoTags.0"), "skiff.dev/hello:1");
  const std::string layer_name = text_at(manifest, "0.Layers.0");
  const std::string layer_bytes = tar({"-xOf", path("image.tar"), layer_name});
  EXPECT_EQ(layer_bytes, sys::read_file(path("layer.tar")).value());

  const std::string description = tar({"-xOf", path("image.tar"), text_at(manifest, "0.Config")});
  const Json parsed = parse_json(description).value();
  EXPECT_EQ(text_at(manifest, "0.Config"), sys::sha256_hex(description) + ".json");
  EXPECT_EQ(text_at(parsed, "rootfs.diff_ids.0"), "sha256:" + sys::sha256_hex(layer_bytes));
  EXPECT_EQ(text_at(parsed, "config.Entrypoint.0"), "/hello");
}

}  // namespace
}  // namespace skiff::images
