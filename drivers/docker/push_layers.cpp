// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/push_layers.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <fstream>
#include <list>
#include <mutex>

#include "base/await.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "drivers/docker/engine.h"
#include "sys/archive.h"
#include "sys/hash.h"
#include "sys/log.h"
#include "sys/net/http_server.h"

namespace skiff::drivers::docker {
namespace {

constexpr std::string_view repository = "/skiff-load";
constexpr std::size_t head_start = 1 << 20;  // bytes that a layer may come sooner than the slowest one

// The layers as they come, several at once. Nobody says which layer it is that comes; it is known by its digest when it
// is whole. So all of them are read at the same pace, and what is small is there soon.
class Intake {
 public:
  Intake(std::string folder, std::set<std::string> wanted) : folder_(std::move(folder)), wanted_(std::move(wanted)) {}

  // OCI distribution specification 1.1, of which a push uses this.
  Result<sys::HttpServer::Answer> answer(const Context& ctx, sys::HttpServer::Request& request) {
    using Answer = sys::HttpServer::Answer;
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (request.method == "GET" && path == "/v2/") return Answer{200, {}};
    if (request.method == "POST")
      return Answer{202, {{"Location", path + std::to_string(++uploads_)}, {"Range", "0-0"}}};
    if (request.method == "PATCH") {
      const auto bytes = TRY(take(ctx, request));
      return Answer{202, {{"Location", path}, {"Range", "0-" + std::to_string(bytes - 1)}}};
    }
    const auto digest = request.target.find("digest=");
    if (request.method != "PUT" || digest == std::string::npos) return Answer{404, {}};
    const std::string said = request.target.substr(digest + 7);
    return Answer{201, {{"Docker-Content-Digest", replace_all(said.substr(0, said.find('&')), "%3A", ":")}}};
  }

  Result<void> wait(const Context& ctx) {
    std::unique_lock lock(mutex_);
    return await(ctx, changed_, lock, [&] { return wanted_.empty(); });
  }
  bool complete() {
    const std::lock_guard lock(mutex_);
    return wanted_.empty();
  }
  std::map<std::string, LayerFile> files() {
    const std::lock_guard lock(mutex_);
    return files_;
  }

 private:
  // Counts what a layer has brought, and lets it wait for those that are behind.
  class Pace {
   public:
    explicit Pace(Intake& intake) : intake_(intake) {
      const std::lock_guard lock(intake_.mutex_);
      mine_ = intake_.paces_.insert(intake_.paces_.end(), 0);
    }
    Pace(const Pace&) = delete;
    Pace& operator=(const Pace&) = delete;
    ~Pace() {
      const std::lock_guard lock(intake_.mutex_);
      intake_.paces_.erase(mine_);
      intake_.changed_.notify_all();
    }
    Result<void> add(const Context& ctx, std::size_t bytes) {
      std::unique_lock lock(intake_.mutex_);
      *mine_ += bytes;
      intake_.changed_.notify_all();
      return await(ctx, intake_.changed_, lock,
                   [&] { return *mine_ <= *std::ranges::min_element(intake_.paces_) + head_start; });
    }

   private:
    Intake& intake_;
    std::list<std::size_t>::iterator mine_;
  };

  Result<std::size_t> take(const Context& ctx, sys::HttpServer::Request& request) {
    std::size_t received = 0;
    Pace pace(*this);
    const auto pieces = [&]() -> Result<std::string> {
      auto piece = TRY(request.body());
      received += piece.size();
      TRY(pace.add(ctx, piece.size()));
      return piece;
    };
    auto content = TRY(sys::ArchiveReader::open_compressed(pieces, "The layer from Docker"));
    if (!TRY(content.next())) return make_error(ErrorId::docker_error, "Docker sends an empty layer");
    LayerFile file{folder_ + "/" + sys::random_hex(8), 0};
    std::ofstream out(file.path, std::ios::binary);
    sys::Sha256 hash;
    for (auto piece = TRY(content.read(1 << 17)); !piece.empty(); piece = TRY(content.read(1 << 17))) {
      hash.update(piece);
      file.size += piece.size();
      out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    }
    out.close();
    if (!out) return make_error(ErrorId::disk_full, "Cannot write " + file.path);
    const std::string digest = "sha256:" + hash.hex();
    const std::lock_guard lock(mutex_);
    wanted_.erase(digest);
    files_[digest] = file;
    changed_.notify_all();
    return received;
  }

  std::string folder_;
  std::atomic<int> uploads_ = 0;
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  std::set<std::string> wanted_;  // and not there yet
  std::map<std::string, LayerFile> files_;
  std::list<std::size_t> paces_;
};

// The names that runs gave which were killed: their tag is their process.
Result<void> remove_left_names(const Context& ctx, Engine& engine) {
  const std::string filter = to_text(JsonObject{{"reference", JsonArray{"127.0.0.1:*" + std::string(repository)}}});
  const Json images = TRY(engine.get(ctx, "/images/json?filters=" + sys::url_encode(filter)));
  for (const auto& image : array_at(images, "")) {
    for (const auto& each : array_at(image, "RepoTags")) {
      const std::string name = text_at(each, "");
      const auto process = parse_int(name.substr(name.rfind(':') + 1), "a process");
      if (!process.ok() || ::kill(static_cast<pid_t>(*process), 0) == 0 || errno != ESRCH) continue;
      TRY(engine.call(ctx, "DELETE", "/images/" + name + "?noprune=true", nullptr, {404, 409}));
    }
  }
  return {};
}

// A name of the image for as long as this lives.
class SecondName {
 public:
  SecondName(Engine& engine, std::string place, std::string tag)
      : engine_(engine), repository_(std::move(place)), tag_(std::move(tag)) {}
  SecondName(const SecondName&) = delete;
  SecondName& operator=(const SecondName&) = delete;
  ~SecondName() {
    if (!given_) return;
    NoEvents quiet;  // also when this run was interrupted
    const Context soon{{}, Deadline::in(std::chrono::seconds(10)), &quiet};
    const auto path = "/images/" + repository_ + ":" + tag_ + "?noprune=true";
    if (const auto gone = engine_.call(soon, "DELETE", path, nullptr, {404}); !gone.ok()) {
      sys::log::warn(gone.error().what);
    }
  }
  Result<void> give(const Context& ctx, const std::string& image) {
    given_ = true;
    TRY(engine_.call(ctx, "POST", "/images/" + image + "/tag?repo=" + repository_ + "&tag=" + tag_));
    return {};
  }

 private:
  Engine& engine_;
  std::string repository_;
  std::string tag_;
  bool given_ = false;
};

}  // namespace

Result<std::map<std::string, LayerFile>> take_layers(const Context& ctx, const std::string& image,
                                                     const std::set<std::string>& wanted, const std::string& folder) {
  Engine engine(find_endpoint());
  if (!engine.behind_socket()) return make_error(ErrorId::unsupported, "The engine may be of another host");
  Intake intake(folder, wanted);
  const auto server = TRY(sys::HttpServer::start(
      ctx, [&](const Context& c, sys::HttpServer::Request& request) { return intake.answer(c, request); }));
  TRY(remove_left_names(ctx, engine));
  const std::string host = "127.0.0.1:" + std::to_string(server->port()) + std::string(repository);
  const std::string tag = std::to_string(::getpid());
  SecondName name(engine, host, tag);
  TRY(name.give(ctx, image));

  std::stop_source enough;
  const std::stop_callback forward(ctx.stop, [&] { enough.request_stop(); });
  const auto pushed = [&](const Context& c) -> Result<void> {
    const Context until_enough{enough.get_token(), c.deadline, c.events};
    sys::HttpRequest request{.method = "POST", .path = "/images/" + host + "/push?tag=" + tag};
    request.headers["X-Registry-Auth"] = base64_encode("{}");
    const auto answer = engine.send(until_enough, std::move(request));
    if (intake.complete()) return {};
    if (!answer.ok()) return answer.error();
    return make_error(ErrorId::docker_error, "Docker does not push the image: " + answer->body.substr(0, 400));
  };
  const auto taken = [&](const Context& c) -> Result<void> {
    TRY(intake.wait(c));
    enough.request_stop();
    return {};
  };
  TRY(parallel(ctx, {pushed, taken}));
  return intake.files();
}

}  // namespace skiff::drivers::docker
