// SPDX-License-Identifier: Apache-2.0
#include "images/fetch.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "images/build.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::images {
namespace {

// A cache in which one image is built, and a folder of saved ones.
class Fetch : public testing::Test {
 protected:
  Fetch() {
    use_cache("built");
    EXPECT_TRUE(sys::make_folders(product_folder(recipe_).value()).ok());
    EXPECT_TRUE(sys::write_atomic(product_folder(recipe_).value() + "/image.tar", content_, 0644).ok());
    EXPECT_TRUE(save_products(ctx_, saved_).ok());
    use_cache("other");
    ::setenv("SKIFF_IMAGES", saved_.c_str(), 1);
  }
  ~Fetch() override {
    ::unsetenv("SKIFF_CACHE_DIR");
    ::unsetenv("SKIFF_IMAGES");
    std::filesystem::remove_all(root_);
  }

  void use_cache(const std::string& name) const { ::setenv("SKIFF_CACHE_DIR", (root_ + '/' + name).c_str(), 1); }
  std::string archive() const { return saved_ + '/' + archive_name(recipe_).value(); }

  const Recipe recipe_ = find_recipe("hello").value();
  const std::string root_ = testing::TempDir() + "skiff-fetch-" + sys::random_hex(4);
  const std::string saved_ = root_ + "/saved";
  const std::string content_ = std::string(3'000'000, 'x') + "end";
  NoEvents events_;
  const Context ctx_{{}, Deadline::never(), &events_};
};

TEST_F(Fetch, WhatIsSavedIsNotBuilt) {
  const auto image = build_image(ctx_, "hello");
  ASSERT_TRUE(image.ok()) << image.error().what;
  EXPECT_EQ(sys::read_file(image->path).value(), content_);
  EXPECT_TRUE(std::filesystem::is_empty(root_ + "/other/work"));
}

TEST_F(Fetch, ASourceTellsWhatItHas) {
  const auto offered = offered_recipes(ctx_);
  ASSERT_TRUE(offered.ok()) << offered.error().what;
  ASSERT_EQ(offered->size(), 1U);
  EXPECT_EQ(offered->front().name, "hello");
  ASSERT_TRUE(sys::write_atomic(saved_ + "/SHA256SUMS", "00  node-000000000000-amd64.tar.zst\n", 0644).ok());
  EXPECT_EQ(offered_recipes(ctx_).error().id, ErrorId::image_not_found) << "another skiff's";
}

TEST_F(Fetch, AnArchiveWithAnotherDigestIsNotUsed) {
  for (const std::string& content : {std::string("damaged"), std::string("<!DOCTYPE html>")}) {
    ASSERT_TRUE(sys::write_atomic(archive(), content, 0644).ok());
    const auto image = build_image(ctx_, "hello");
    ASSERT_FALSE(image.ok());
    EXPECT_EQ(image.error().id, ErrorId::image_invalid);
    EXPECT_EQ(image.error().what.find("page of the web") != std::string::npos, content.starts_with('<'));
    EXPECT_FALSE(sys::exists(product_folder(recipe_).value()));
    EXPECT_TRUE(sys::exists(archive()));  // not ours to remove
  }
}

TEST_F(Fetch, AnArchiveOfOtherFilesIsNotUsed) {
  const std::string evil = root_ + "/evil";
  ASSERT_TRUE(sys::make_folders(evil + "/sub").ok());
  ASSERT_TRUE(sys::write_atomic(evil + "/sub/file", "x", 0644).ok());
  ASSERT_EQ(std::system(("tar -C " + evil + " -cf " + archive() + " sub").c_str()), 0);
  const std::string digest = sys::sha256_hex(sys::read_file(archive()).value());
  ASSERT_TRUE(sys::write_atomic(saved_ + "/SHA256SUMS", digest + "  " + archive_name(recipe_).value(), 0644).ok());
  const auto image = build_image(ctx_, "hello");
  ASSERT_FALSE(image.ok());
  EXPECT_EQ(image.error().id, ErrorId::image_invalid);
}

TEST_F(Fetch, AFolderWithoutSumsIsNoSource) {
  std::filesystem::remove(saved_ + "/SHA256SUMS");
  const auto image = build_image(ctx_, "hello");
  ASSERT_FALSE(image.ok());
  EXPECT_NE(image.error().advice.find("SKIFF_IMAGES"), std::string::npos);
}

TEST_F(Fetch, AnotherRecipesArchiveIsNotThisOnes) {
  Recipe changed = recipe_;
  changed.files = "node/rootfs";
  changed.name = "curl";
  EXPECT_FALSE(fetch_product(ctx_, changed, root_).value());
}

TEST_F(Fetch, SavingAgainChangesNothing) {
  const auto before = std::filesystem::last_write_time(archive());
  use_cache("built");
  EXPECT_EQ(save_products(ctx_, saved_).value(), std::vector{archive_name(recipe_).value()});
  EXPECT_EQ(std::filesystem::last_write_time(archive()), before);
  use_cache("empty");
  EXPECT_EQ(save_products(ctx_, saved_).error().id, ErrorId::image_not_found);
}

TEST(Sums, AreReadAsSha256sumWritesThem) {
  const auto digests = parse_sums("aa  one.tar\nbb *two.tar\n\ncc  three.tar");
  EXPECT_EQ(digests.at("one.tar"), "aa");
  EXPECT_EQ(digests.at("two.tar"), "bb");
  EXPECT_EQ(digests.at("three.tar"), "cc");
}

}  // namespace
}  // namespace skiff::images
