// SPDX-License-Identifier: Apache-2.0
#include "images/image_archive.h"

#include "base/json.h"
#include "images/tar_file.h"
#include "model/architecture.h"
#include "sys/files.h"
#include "sys/hash.h"

namespace skiff::images {
namespace {

// The image's configuration, as the OCI image specification has it.
std::string describe(const ImageConfig& config, const std::string& layer_hash) {
  const JsonArray entrypoint(config.entrypoint.begin(), config.entrypoint.end());
  const JsonArray command(config.command.begin(), config.command.end());
  return to_text({{"architecture", node_architecture},
                  {"os", "linux"},
                  {"config",
                   {{"Entrypoint", entrypoint},
                    {"Cmd", command},
                    {"Env", JsonArray{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}}}},
                  {"rootfs", {{"type", "layers"}, {"diff_ids", JsonArray{Json("sha256:" + layer_hash)}}}}});
}

}  // namespace

Result<void> write_image_archive(const std::string& path, const ImageConfig& config, const std::string& layer_tar) {
  const std::string layer_hash = sys::sha256_hex(TRY(sys::read_file(layer_tar)));
  const std::string description = describe(config, layer_hash);
  const std::string config_name = sys::sha256_hex(description) + ".json";
  const std::string layer_name = layer_hash + "/layer.tar";
  const JsonObject image = {{"Config", config_name},
                            {"RepoTags", JsonArray{Json(config.reference)}},
                            {"Layers", JsonArray{Json(layer_name)}}};

  TarFile archive(path);
  archive.add_file("/manifest.json", to_text(JsonArray{image}), 0644);
  archive.add_file('/' + config_name, description, 0644);
  TRY(archive.copy_file('/' + layer_name, layer_tar, 0644));
  return archive.close();
}

}  // namespace skiff::images
