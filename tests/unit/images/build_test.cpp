// SPDX-License-Identifier: Apache-2.0
#include "images/build.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "images/image_archive.h"
#include "images/node_image.h"
#include "images/parts.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::images {
namespace {

// A cache of its own, and recipes that need no compiler.
class Build : public testing::Test {
 protected:
  Build() : cache_(testing::TempDir() + "skiff-build-" + sys::random_hex(4)) {
    ::setenv("SKIFF_CACHE_DIR", cache_.c_str(), 1);
  }
  ~Build() override {
    ::unsetenv("SKIFF_CACHE_DIR");
    std::filesystem::remove_all(cache_);
  }

  static Recipe recipe(const std::string& name, const std::string& kubernetes = "v1") {
    Recipe recipe;
    recipe.name = name;
    recipe.kubernetes = kubernetes;
    recipe.reference = name + ':' + kubernetes;
    return recipe;
  }
  static Result<void> write_result(const std::string& folder) { return sys::write_atomic(folder + "/result", "x"); }

  const std::string cache_;
  NoEvents events_;
  const Context ctx_{{}, Deadline::never(), &events_};
};

TEST_F(Build, HappensOnce) {
  const auto first = build_product(ctx_, recipe("a"), write_result);
  ASSERT_TRUE(first.ok()) << first.error().what;
  EXPECT_FALSE(first->was_cached);
  EXPECT_EQ(sys::read_file(first->folder + "/result").value(), "x");

  const auto second = build_product(ctx_, recipe("a"), [](const std::string&) -> Result<void> {
    return make_error(ErrorId::internal, "built twice");
  });
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->was_cached);
  EXPECT_EQ(second->folder, first->folder);
}

TEST_F(Build, ThatFailsLeavesNothing) {
  const auto failed = build_product(ctx_, recipe("a"), [](const std::string& folder) -> Result<void> {
    TRY(write_result(folder));
    return make_error(ErrorId::disk_full, "no room");
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().id, ErrorId::disk_full);
  EXPECT_TRUE(sys::list_folder(cache_ + "/images").empty());
  EXPECT_TRUE(sys::list_folder(cache_ + "/work").empty());
}

TEST_F(Build, RemovesWhatAKilledOneLeft) {
  ASSERT_TRUE(sys::make_folders(cache_ + "/work/image-a-v1/1234/source").ok());
  ASSERT_TRUE(build_product(ctx_, recipe("a"), write_result).ok());
  EXPECT_TRUE(sys::list_folder(cache_ + "/work").empty());
}

TEST_F(Build, OfTwoAtOnceOneWaits) {
  int assembled = 0;  // no atomic: the lock keeps the two apart
  const auto build = [&] {
    const auto product = build_product(ctx_, recipe("a"), [&](const std::string& folder) {
      ++assembled;
      return write_result(folder);
    });
    EXPECT_TRUE(product.ok());
  };
  {
    const std::jthread other(build);
    build();
  }
  EXPECT_EQ(assembled, 1);
}

TEST_F(Build, IsLockedOutByAnotherUntilTheDeadline) {
  const auto other = WorkFolder::make(ctx_, "image-a-v1");
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(build_product(ctx_.within(Duration(50)), recipe("a"), write_result).ok());
  // Another image, or that for another version, waits for nobody.
  EXPECT_TRUE(build_product(ctx_.within(Duration(50)), recipe("b"), write_result).ok());
  EXPECT_TRUE(build_product(ctx_.within(Duration(50)), recipe("a", "v2"), write_result).ok());
}

TEST_F(Build, OfAnUnknownImageNamesTheKnownOnes) {
  const auto built = build_image(ctx_, "helo");
  ASSERT_FALSE(built.ok());
  EXPECT_EQ(built.error().id, ErrorId::image_not_found);
  EXPECT_FALSE(build_image(ctx_, "node").ok());
}

TEST_F(Build, AnEmptyCacheHasNoNodeImage) { EXPECT_FALSE(cached_node_image().complete); }

// The root file system of an image is its files, laid over nothing, with the archives of the images in it.
TEST_F(Build, WritesFilesIntoTheRoot) {
  ASSERT_TRUE(sys::make_folders(cache_).ok());
  Recipe files = recipe("files");
  files.files = "node/rootfs";
  ASSERT_TRUE(write_root(files, cache_ + "/root.tar", cache_).ok());
  const std::string tar = sys::read_file(cache_ + "/root.tar").value();
  EXPECT_NE(tar.find("usr/sbin/skiff-init"), std::string::npos);
  EXPECT_NE(tar.find("exec s6-svscan"), std::string::npos);
}

// Parts as a build leaves them, of a recipe and of the images in it, but without content.
void pretend_parts(const Recipe& recipe) {
  for (const auto& part : recipe.parts) {
    ASSERT_TRUE(sys::make_folders(part_folder(part)).ok());
    const auto* go = std::get_if<GoBuild>(&part.build);
    ASSERT_TRUE(sys::write_atomic(part_folder(part) + (go == nullptr ? "/rootfs.tar" : '/' + part.name),
                                  go == nullptr ? std::string(1024, '\0') : "a program")
                    .ok());
  }
  for (const auto& image : recipe.images) pretend_parts(find_recipe(image).value());
}

TEST_F(Build, ACacheThatIsMovedStillHasItsKubectl) {
  pretend_parts(find_recipe("node").value());
  const auto built = build_node_image(ctx_);
  ASSERT_TRUE(built.ok()) << built.error().what;
  EXPECT_EQ(sys::read_file(built->kubectl).value(), "a program");

  const std::string elsewhere = cache_ + "-moved";
  std::filesystem::rename(cache_, elsewhere);
  ::setenv("SKIFF_CACHE_DIR", elsewhere.c_str(), 1);
  const auto moved = cached_node_image();
  EXPECT_TRUE(moved.complete);
  EXPECT_EQ(sys::read_file(moved.image.kubectl).value_or(""), "a program");
  std::filesystem::remove_all(elsewhere);
}

TEST_F(Build, OfFreshDebianPackagesIsAnotherOneUntilItIsTakenBack) {
  const std::string before = node_image_reference();
  const auto old = renew_debian_parts();
  ASSERT_TRUE(old.ok());
  EXPECT_EQ(*old, "");
  const std::string fresh = node_image_reference();
  EXPECT_NE(fresh, before);
  EXPECT_EQ(node_image_reference(), fresh);
  const auto renewed = find_recipe("node").value().parts;
  ::setenv("SKIFF_CACHE_DIR", (cache_ + "-other").c_str(), 1);
  const auto plain = find_recipe("node").value().parts;
  ::setenv("SKIFF_CACHE_DIR", cache_.c_str(), 1);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool debian = std::holds_alternative<DebianBuild>(plain[i].build);
    EXPECT_EQ(content_hash(plain[i]) != content_hash(renewed[i]), debian) << plain[i].name;
  }
  ASSERT_TRUE(restore_debian_parts(*old).ok());
  EXPECT_EQ(node_image_reference(), before);
}

}  // namespace
}  // namespace skiff::images
