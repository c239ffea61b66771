// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/save_image.h"

#include <algorithm>

#include "base/strings.h"
#include "drivers/docker/endpoint.h"
#include "drivers/docker/phrases.h"
#include "sys/files.h"

namespace skiff::drivers::docker {
namespace {

Error no_image(const Context& ctx, sys::HttpClient& client, const std::string& image, const std::string& answer) {
  std::vector<std::string> names;
  const auto listed = client.send(ctx, {.path = "/images/json"});
  const auto images = listed.ok() ? parse_json(listed->body) : Result<Json>(Json());
  if (images.ok()) {
    for (const auto& each : array_at(*images, "")) {
      for (const auto& tag : array_at(each, "RepoTags")) names.push_back(text_at(tag, ""));
    }
  }
  Error error = make_error(ErrorId::image_not_found, "Docker has no image '" + image + "'" + did_you_mean(image, names),
                           "Name one that 'docker images' lists, or the path of an archive");
  if (const auto json = parse_json(answer); json.ok()) error.trail.push_back(text_at(*json, "message"));
  return error;
}

// Progress comes as lines of JSON under status 200; a failure is one of them.
Result<void> check_load(const sys::HttpResponse& response) {
  const auto failed = [](const std::string& words) {
    const bool full = says(words, Phrase::disk_full);
    return make_error(full ? ErrorId::disk_full : ErrorId::docker_error, "Docker did not take the image: " + words);
  };
  for (const auto& line : split(response.body, '\n')) {
    const auto event = parse_json(line);
    if (!event.ok()) continue;
    if (const auto words = text_at(*event, "error"); !words.empty()) return failed(words);
    if (response.status != 200) return failed(text_at(*event, "message"));
  }
  return response.status == 200 ? Result<void>() : failed("status " + std::to_string(response.status));
}

}  // namespace

Result<LocalImage> inspect_image(const Context& ctx, const std::string& image) {
  sys::HttpClient client(TRY(find_endpoint()).target);
  const auto response = TRY(client.send(ctx, {.path = "/images/" + sys::url_encode(image) + "/json"}));
  if (response.status != 200) return no_image(ctx, client, image, response.body);
  const auto about = parse_json(response.body);
  if (!about.ok())
    return make_error(ErrorId::docker_error, "Docker's answer about '" + image + "' is " + about.error().what);
  LocalImage found{text_at(*about, "Id"), {}, *about};
  for (const auto& tag : array_at(*about, "RepoTags")) found.tags.push_back(text_at(tag, ""));
  return found;
}

Result<bool> keeps_layers(const Context& ctx) {
  sys::HttpClient client(TRY(find_endpoint()).target);
  const auto response = TRY(client.send(ctx, {.path = "/info"}));
  const auto info = parse_json(response.body);
  if (!info.ok()) return false;
  const JsonArray& facts = array_at(*info, "DriverStatus");
  return std::ranges::none_of(facts, [](const Json& fact) {
    return text_at(fact, "0") == "driver-type" && text_at(fact, "1").starts_with("io.containerd.snapshotter");
  });
}

Result<void> save_image(const Context& ctx, const std::vector<std::string>& images,
                        const std::function<Result<void>(std::string_view)>& sink) {
  sys::HttpClient client(TRY(find_endpoint()).target);
  const auto write = [&](std::string_view piece) -> Result<bool> {
    TRY(sink(piece));
    return true;
  };
  sys::HttpRequest request{.path = "/images/get?"};
  for (const auto& image : images) request.path += "names=" + sys::url_encode(image) + "&";
  const auto response = TRY(client.stream(ctx, request, write));
  if (response.status != 200) return no_image(ctx, client, join(images, ", "), response.body);
  return {};
}

Result<void> load_archive(const Context& ctx, const std::string& file) {
  sys::HttpClient client(TRY(find_endpoint()).target);
  const auto pieces = TRY(sys::pieces_of(file));
  sys::HttpRequest request{"POST", "/images/load?quiet=1", {{"Content-Type", "application/x-tar"}}};
  request.body_source = [&](const Context&) { return pieces(); };
  return check_load(TRY(client.send(ctx, request)));
}

}  // namespace skiff::drivers::docker
