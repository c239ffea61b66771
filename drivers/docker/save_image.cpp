#include "drivers/docker/save_image.h"

#include <algorithm>

#include "base/strings.h"
#include "drivers/docker/endpoint.h"

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

}  // namespace skiff::drivers::docker
