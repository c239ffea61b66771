#include "drivers/docker/save_image.h"

#include <fstream>

#include "base/json.h"
#include "drivers/docker/endpoint.h"

namespace skiff::drivers::docker {

Result<void> save_image(const Context& ctx, const std::string& image, const std::string& file) {
  sys::HttpClient client(TRY(find_endpoint()).target);
  std::ofstream out(file, std::ios::binary);
  const auto write = [&](std::string_view piece) -> Result<bool> {
    if (out.write(piece.data(), static_cast<std::streamsize>(piece.size()))) return true;
    return make_error(ErrorId::disk_full, "Cannot write " + file);
  };
  sys::HttpRequest request;
  request.path = "/images/" + sys::url_encode(image) + "/get";
  const auto response = TRY(client.stream(ctx, request, write));
  out.close();
  if (response.status == 200 && out) return {};
  const auto answer = parse_json(response.body);
  Error error = response.status == 200 ? make_error(ErrorId::disk_full, "Cannot write " + file)
                                       : make_error(ErrorId::image_not_found, "Docker has no image '" + image + "'",
                                                    "Name one that 'docker images' lists, or the path of an archive");
  if (answer.ok()) error.trail.push_back(text_at(*answer, "message"));
  return error;
}

}  // namespace skiff::drivers::docker
