// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/strings.h"
#include "drivers/common/naming.h"
#include "drivers/libvirt/xml.h"
#include "sys/unique_fd.h"

namespace skiff::drivers::libvirt {

namespace {

constexpr const char* pool_name = "skiff";
constexpr const char* pool_folder = "/var/lib/libvirt/images/skiff";  // where security modules let machines have disks
constexpr std::size_t piece_size = 256 << 10;                         // libvirt's messages hold less than 4 MiB

std::string pool_xml() {
  return to_xml(Element(
      "pool", {{"type", "dir"}},
      {Element::of("name", pool_name),
       Element("target", {},
               {Element::of("path", pool_folder), Element("permissions", {}, {Element::of("mode", "0711")})})}));
}

// Bytes to a volume; aborted unless finish() was called.
class Upload {
 public:
  static Result<Upload> begin(const Context& ctx, Connection& connection, const Volume& volume) {
    const auto conn = TRY(connection.open(ctx));
    const Library& api = connection.api();
    StreamHandle stream = TRY(connection.take(api.virStreamNew(conn, 0), api.virStreamFree, "open a stream"));
    TRY(connection.done(api.virStorageVolUpload(volume.get(), stream.get(), 0, 0, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM),
                        "write a volume"));
    return Upload(connection, std::move(stream));
  }
  Upload(Upload&&) = default;
  ~Upload() {
    if (stream_ && !finished_) connection_->api().virStreamAbort(stream_.get());
  }

  Result<void> send(const Context& ctx, std::string_view bytes) {
    while (!bytes.empty()) {
      TRY(ctx.check());
      const int sent =
          connection_->api().virStreamSend(stream_.get(), bytes.data(), std::min(bytes.size(), piece_size));
      TRY(connection_->done(sent, "write a volume"));
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
  }
  Result<void> skip(std::size_t bytes) {
    if (bytes == 0) return {};
    return connection_->done(connection_->api().virStreamSendHole(stream_.get(), static_cast<long long>(bytes), 0),
                             "write a volume");
  }
  Result<void> finish() {
    finished_ = true;
    return connection_->done(connection_->api().virStreamFinish(stream_.get()), "write a volume");
  }

 private:
  Upload(Connection& connection, StreamHandle stream) : connection_(&connection), stream_(std::move(stream)) {}

  Connection* connection_;
  StreamHandle stream_;
  bool finished_ = false;
};

Error cannot_read(const std::string& path) {
  return make_error(ErrorId::host_error, "Cannot read " + path + ": " + std::strerror(errno));
}

Result<void> send_file(const Context& ctx, Upload& upload, int fd, std::size_t size, const std::string& path) {
  std::string piece(piece_size, '\0');
  for (off_t at = 0, end = static_cast<off_t>(size); at < end;) {
    off_t data = lseek(fd, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) data = end;
    if (data < 0) return cannot_read(path);
    TRY(upload.skip(static_cast<std::size_t>(data - at)));
    at = data;
    for (const off_t hole = at < end ? lseek(fd, at, SEEK_HOLE) : at; at < hole;) {
      const auto wanted = std::min(piece.size(), static_cast<std::size_t>(hole - at));
      const ssize_t count = pread(fd, piece.data(), wanted, at);
      if (count <= 0) return cannot_read(path);
      TRY(upload.send(ctx, {piece.data(), static_cast<std::size_t>(count)}));
      at += count;
    }
  }
  return {};
}

Result<void> fill(const Context& ctx, Connection& connection, const Pool& pool, const std::string& name,
                  std::size_t size, const std::function<Result<void>(Upload&)>& send) {
  TRY(remove_volume(connection, pool, name));
  const Volume volume = TRY(create_volume(connection, pool, {.name = name, .bytes = static_cast<std::int64_t>(size)}));
  const auto stored = [&]() -> Result<void> {
    Upload upload = TRY(Upload::begin(ctx, connection, volume));
    TRY(send(upload));
    return upload.finish();
  }();
  if (!stored.ok()) connection.api().virStorageVolDelete(volume.get(), 0);
  return stored;
}

}  // namespace

std::string volume_prefix(const ClusterId& cluster) {
  return cluster.name + (cluster.id.empty() ? "_" : "." + cluster.id + "_");
}

std::string node_volume(const ClusterId& cluster, std::string_view node, std::string_view kind) {
  return volume_prefix(cluster).append(node).append(".").append(kind);
}

std::string image_volume(std::string_view reference, std::string_view kind) {
  std::string name = "_" + replace_all(repository_of(reference), "/", "+") + "_" + tag_of(reference);
  return name.append(".").append(kind);
}

std::string reference_in(std::string_view volume, std::string_view kind) {
  const std::string ending = "." + std::string(kind);
  if (!volume.starts_with('_') || !volume.ends_with(ending)) return {};
  const auto name = volume.substr(1, volume.size() - 1 - ending.size());
  const auto tag = name.rfind('_');
  if (tag == std::string_view::npos) return {};
  return replace_all(name.substr(0, tag), "+", "/").append(":").append(name.substr(tag + 1));
}

Result<std::optional<Pool>> find_pool(const Context& ctx, Connection& connection) {
  const auto conn = TRY(connection.open(ctx));
  const Library& api = connection.api();
  return connection.look(api.virStoragePoolLookupByName(conn, pool_name), api.virStoragePoolFree,
                         VIR_ERR_NO_STORAGE_POOL, "find the storage pool 'skiff'");
}

bool is_active(const Connection& connection, const Pool& pool) {
  return connection.api().virStoragePoolIsActive(pool.get()) == 1;
}

namespace {

Result<void> start(const Connection& connection, const Pool& pool) {
  if (is_active(connection, pool) || connection.api().virStoragePoolCreate(pool.get(), 0) == 0) return {};
  const Error refused = connection.failure("start the storage pool 'skiff'");
  if (is_active(connection, pool)) return {};  // somebody else has started it meanwhile
  return refused;
}

}  // namespace

Result<std::optional<Pool>> started_pool(const Context& ctx, Connection& connection) {
  auto found = TRY(find_pool(ctx, connection));
  if (found) TRY(start(connection, *found));
  return found;
}

Result<Pool> ensure_pool(const Context& ctx, Connection& connection) {
  auto found = TRY(find_pool(ctx, connection));
  if (!found) {
    const auto conn = TRY(connection.open(ctx));
    const Library& api = connection.api();
    const std::string xml = pool_xml();
    found = TRY(connection.take(api.virStoragePoolDefineXML(conn, xml.c_str(), 0), api.virStoragePoolFree,
                                "make the storage pool 'skiff'"));
    TRY(connection.done(api.virStoragePoolBuild(found->get(), 0), "make the folder of the storage pool 'skiff'"));
  }
  TRY(start(connection, *found));
  return std::move(*found);
}

Result<std::string> folder_of(const Connection& connection, const Pool& pool) {
  const std::string xml = TRY(
      connection.text(connection.api().virStoragePoolGetXMLDesc(pool.get(), 0), "describe the storage pool 'skiff'"));
  const auto begin = xml.find("<path>");
  const auto end = xml.find("</path>");
  if (begin == std::string::npos || end == std::string::npos) {
    return make_error(ErrorId::libvirt_error, "The storage pool 'skiff' is no folder",
                      "Remove it with 'virsh pool-undefine skiff'");
  }
  return xml.substr(begin + 6, end - begin - 6);
}

Result<void> refresh(const Connection& connection, const Pool& pool) {
  return connection.done(connection.api().virStoragePoolRefresh(pool.get(), 0), "look at the storage pool 'skiff'");
}

Result<std::vector<std::string>> volume_names(const Connection& connection, const Pool& pool) {
  const Library& api = connection.api();
  std::vector<std::string> names;
  for (const auto& volume : TRY(connection.list_all(pool.get(), api.virStoragePoolListAllVolumes, api.virStorageVolFree,
                                                    "list the storage pool 'skiff'"))) {
    names.emplace_back(api.virStorageVolGetName(volume.get()));
  }
  return names;
}

Result<std::optional<Volume>> find_volume(const Connection& connection, const Pool& pool, const std::string& name) {
  const Library& api = connection.api();
  return connection.look(api.virStorageVolLookupByName(pool.get(), name.c_str()), api.virStorageVolFree,
                         VIR_ERR_NO_STORAGE_VOL, "find the volume " + name);
}

Result<void> remove_volume(const Connection& connection, const Pool& pool, const std::string& name) {
  const auto volume = TRY(find_volume(connection, pool, name));
  if (!volume || connection.api().virStorageVolDelete(volume->get(), 0) == 0 ||
      connection.last_error_is(VIR_ERR_NO_STORAGE_VOL)) {
    return {};
  }
  return connection.failure("delete the volume " + name);
}

Result<std::string> path_of(const Connection& connection, const Volume& volume) {
  return connection.text(connection.api().virStorageVolGetPath(volume.get()), "find a volume's file");
}

std::string volume_xml(const VolumePlan& plan) {
  Element volume("volume", {},
                 {Element::of("name", plan.name), Element::of("capacity", std::to_string(plan.bytes)),
                  Element::of("allocation", "0"),
                  Element("target", {}, {Element("format", {{"type", plan.backing.empty() ? "raw" : "qcow2"}})})});
  if (!plan.backing.empty()) {
    volume.children.emplace_back("backingStore", Element::Attributes{},
                                 std::vector{Element::of("path", plan.backing), Element("format", {{"type", "raw"}})});
  }
  return to_xml(volume);
}

Result<Volume> create_volume(const Connection& connection, const Pool& pool, const VolumePlan& plan) {
  const Library& api = connection.api();
  const std::string xml = volume_xml(plan);
  return connection.take(api.virStorageVolCreateXML(pool.get(), xml.c_str(), 0), api.virStorageVolFree,
                         "make the volume " + plan.name);
}

Result<void> store(const Context& ctx, Connection& connection, const Pool& pool, const std::string& name,
                   std::string_view content) {
  return fill(ctx, connection, pool, name, content.size(), [&](Upload& upload) { return upload.send(ctx, content); });
}

Result<void> store_file(const Context& ctx, Connection& connection, const Pool& pool, const std::string& name,
                        const std::string& path) {
  const sys::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return cannot_read(path);
  struct stat info{};
  if (fstat(fd.get(), &info) != 0) return cannot_read(path);
  const auto size = static_cast<std::size_t>(info.st_size);
  return fill(ctx, connection, pool, name, size,
              [&](Upload& upload) { return send_file(ctx, upload, fd.get(), size, path); });
}

Result<std::string> read_volume(const Context& ctx, Connection& connection, const Volume& volume, std::size_t most,
                                std::size_t offset) {
  const auto conn = TRY(connection.open(ctx));
  const Library& api = connection.api();
  virStorageVolInfo info{};
  TRY(connection.done(api.virStorageVolGetInfo(volume.get(), &info), "read a volume"));
  if (offset >= info.capacity) return std::string();
  most = std::min<std::size_t>(most, info.capacity - offset);
  const StreamHandle stream = TRY(connection.take(api.virStreamNew(conn, 0), api.virStreamFree, "open a stream"));
  TRY(connection.done(api.virStorageVolDownload(volume.get(), stream.get(), offset, most, 0), "read a volume"));
  std::string content;
  std::string piece(piece_size, '\0');
  for (;;) {
    const int count = api.virStreamRecv(stream.get(), piece.data(), piece.size());
    if (count < 0) return connection.failure("read a volume");
    if (count == 0) break;
    content.append(piece, 0, static_cast<std::size_t>(count));
  }
  TRY(connection.done(api.virStreamFinish(stream.get()), "read a volume"));
  return content;
}

}  // namespace skiff::drivers::libvirt
