#include "drivers/docker/save_image.h"

#include <fstream>

#include "base/json.h"
#include "base/strings.h"
#include "drivers/docker/endpoint.h"

namespace skiff::drivers::docker {
namespace {

Error no_image(const std::string& image, const std::string& answer) {
  Error error = make_error(ErrorId::image_not_found, "Docker has no image '" + image + "'",
                           "Name one that 'docker images' lists, or the path of an archive");
  if (const auto json = parse_json(answer); json.ok()) error.trail.push_back(text_at(*json, "message"));
  return error;
}

}  // namespace

Result<LocalImage> inspect_image(const Context& ctx, const std::string& image) {
  sys::HttpClient client(TRY(find_endpoint()).target);
  const auto response = TRY(client.send(ctx, {.path = "/images/" + sys::url_encode(image) + "/json"}));
  if (response.status != 200) return no_image(image, response.body);
  const auto about = parse_json(response.body);
  if (!about.ok())
    return make_error(ErrorId::docker_error, "Docker's answer about '" + image + "' is " + about.error().what);
  LocalImage found{text_at(*about, "Id"), {}};
  for (const auto& tag : array_at(*about, "RepoTags")) found.tags.push_back(text_at(tag, ""));
  return found;
}

Result<void> save_images(const Context& ctx, const std::vector<std::string>& images, const std::string& file) {
  sys::HttpClient client(TRY(find_endpoint()).target);
  std::ofstream out(file, std::ios::binary);
  const auto write = [&](std::string_view piece) -> Result<bool> {
    if (out.write(piece.data(), static_cast<std::streamsize>(piece.size()))) return true;
    return make_error(ErrorId::disk_full, "Cannot write " + file);
  };
  sys::HttpRequest request{.path = "/images/get?"};
  for (const auto& image : images) request.path += "names=" + sys::url_encode(image) + "&";
  const auto response = TRY(client.stream(ctx, request, write));
  out.close();
  if (response.status != 200) return no_image(join(images, ", "), response.body);
  if (!out) return make_error(ErrorId::disk_full, "Cannot write " + file);
  return {};
}

}  // namespace skiff::drivers::docker
