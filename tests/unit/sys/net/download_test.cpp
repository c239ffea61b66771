// SPDX-License-Identifier: Apache-2.0
#include "sys/net/download.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "sys/files.h"
#include "sys/hash.h"
#include "tests/fakes/http_server.h"

namespace skiff::sys {
namespace {

// A web server with one file, as those of the world are: with ranges or without.
class Download : public testing::Test {
 protected:
  Download() : path_(testing::TempDir() + "skiff-download-" + random_hex(4)) {}
  ~Download() override { std::filesystem::remove(path_); }

  void serve(test::Peer& peer) {
    for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
      heads_.push_back(head);
      if (head.find(" /moved ") != std::string::npos) {
        peer.write("HTTP/1.1 302 Found\r\nLocation: /file\r\nContent-Length: 0\r\n\r\n");
      } else if (head.find(" /round ") != std::string::npos) {
        peer.write("HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n");
      } else if (head.find(" /file ") == std::string::npos) {
        peer.answer("<html>nothing</html>", "404 Not Found");
      } else {
        answer(peer, head);
        if (cut_after_ != std::string::npos && head.starts_with("GET")) return;  // which ends the connection
      }
    }
  }

  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(server_.port()) + path; }
  Result<void> download(const std::string& path) {
    return download_file(ctx_, {}, url(path), path_, [](std::uint64_t, std::uint64_t) {});
  }

  std::string content_ = std::string(100'000, 'a') + std::string(100'000, 'b');
  bool has_ranges_ = true;
  std::size_t cut_after_ = std::string::npos;  // bytes of the next answer, which is then broken off
  std::vector<std::string> heads_;
  const std::string path_;
  NoEvents events_;
  const Context ctx_{{}, Deadline::in(std::chrono::seconds(20)), &events_};

 private:
  void answer(test::Peer& peer, const std::string& head) {
    const std::string ranges = has_ranges_ ? "Accept-Ranges: bytes\r\n" : "";
    const auto range = head.find("Range: bytes=");
    const std::size_t from = has_ranges_ && range != std::string::npos ? std::stoul(head.substr(range + 13)) : 0;
    peer.write("HTTP/1.1 " + std::string(from > 0 ? "206 Partial Content" : "200 OK") + "\r\n" + ranges +
               "Content-Length: " + std::to_string(content_.size() - from) + "\r\n\r\n");
    if (head.starts_with("HEAD")) return;
    peer.write(std::string_view(content_).substr(from, cut_after_));
  }

  test::Server server_{[this](test::Peer& peer, int) { serve(peer); }, test::Server::Loopback{}};
};

TEST_F(Download, WritesTheFile) {
  const auto done = download("/moved");
  ASSERT_TRUE(done.ok()) << done.error().what;
  EXPECT_EQ(read_file(path_).value(), content_);
}

TEST_F(Download, GoesOnWhereItWasCut) {
  cut_after_ = 1000;
  const auto cut = download("/file");
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().id, ErrorId::network);
  cut_after_ = std::string::npos;
  const auto done = download("/file");
  ASSERT_TRUE(done.ok()) << done.error().what;
  EXPECT_EQ(read_file(path_).value(), content_);
  EXPECT_NE(heads_.back().find("Range: bytes=1000-"), std::string::npos) << heads_.back();
}

TEST_F(Download, BeginsAnewWhereTheServerHasNoRanges) {
  has_ranges_ = false;
  ASSERT_TRUE(write_atomic(path_, "something else", 0644).ok());
  ASSERT_TRUE(download("/file").ok());
  EXPECT_EQ(read_file(path_).value(), content_);
}

TEST_F(Download, TellsWhatTheServerAnswers) {
  const auto absent = download("/absent");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().id, ErrorId::network);
  EXPECT_EQ(absent.error().what, url("/absent") + " answers with the HTTP status 404");
  EXPECT_FALSE(download("/round").ok());
}

TEST_F(Download, ATextHasALimit) {
  EXPECT_EQ(download_text(ctx_, {}, url("/file"), content_.size()).value(), content_);
  EXPECT_FALSE(download_text(ctx_, {}, url("/file"), content_.size() - 1).ok());
}

TEST(Url, HasItsParts) {
  const Url plain = parse_url("http://files.example.org").value();
  EXPECT_FALSE(plain.tls);
  EXPECT_EQ(plain.host, "files.example.org");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.path, "/");
  const Url full = parse_url("https://files.example.org:8443/a/b?c=d").value();
  EXPECT_TRUE(full.tls);
  EXPECT_EQ(full.port, 8443);
  EXPECT_EQ(full.path, "/a/b?c=d");
}

TEST(Url, ThatIsNoneIsRefused) {
  for (const auto* text :
       {"", "files.example.org", "ftp://x/", "http://", "http://:80/", "http://x:0/", "http://x:port/",
        "http://x:70000/", "http://a b/", "http://x/\r\nHost: y", "http://user@x/"}) {
    EXPECT_FALSE(parse_url(text).ok()) << text;
  }
}

}  // namespace
}  // namespace skiff::sys
