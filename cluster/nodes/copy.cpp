// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/copy.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/strings.h"
#include "cluster/nodes/node_access.h"
#include "cluster/store/half_file.h"
#include "cluster/store/temporary.h"
#include "sys/files.h"

namespace skiff::cluster {
namespace {

namespace fs = std::filesystem;

Error host_trouble(const std::string& what, const std::string& path) {
  const int why = errno;
  return make_error(why == ENOSPC   ? ErrorId::disk_full
                    : why == EACCES ? ErrorId::permission
                                    : ErrorId::host_error,
                    what + " " + path + (why == 0 ? "" : std::string(": ") + std::strerror(why)));
}

Error node_trouble(const drivers::NodeId& node, const std::string& words) {
  Error error = make_error(ErrorId::node_command_failed, "The node " + node.name + " could not copy the file");
  error.trail.emplace_back(trim(words));
  return error;
}

// The name that the file gets on this host.
std::string host_destination(const std::string& to, const std::string& from) {
  std::error_code ignored;
  const bool folder = to.ends_with('/') || fs::is_directory(to, ignored);
  return folder ? (fs::path(to) / fs::path(from).filename()).string() : to;
}

Result<void> into_node(const Context& ctx, const Cluster& cluster, const std::string& from, const Place& to) {
  std::error_code error;
  const auto kind = fs::status(from, error).type();
  if (kind == fs::file_type::not_found) return make_error(ErrorId::usage, "There is no file " + from);
  if (error) {
    return make_error(error.value() == EACCES ? ErrorId::permission : ErrorId::host_error,
                      "Cannot read " + from + ": " + error.message());
  }
  if (kind == fs::file_type::directory) {
    return make_error(ErrorId::usage, from + " is a folder; only files are copied");
  }
  const auto node = TRY(find_node(ctx, cluster, to.node));
  std::ifstream file(from, std::ios::binary);
  if (!file) return host_trouble("Cannot read", from);

  std::string words;
  drivers::ExecRequest request;
  request.argv = {"sh",
                  "-c",
                  R"sh(case $1 in */) mkdir -p "$1" ;; *) mkdir -p "$(dirname "$1")" ;; esac || exit
[ ! -d "$1" ] || set -- "$1/$2" "$2" "$3"; cat > "$1" && chmod "$3" "$1")sh",
                  "sh",
                  to.path,
                  fs::path(from).filename(),
                  ::access(from.c_str(), X_OK) == 0 ? "755" : "644"};
  request.in = [&](const Context&) -> Result<std::string> {
    std::string piece(1 << 20, '\0');
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (file.bad()) return host_trouble("Cannot read", from);
    piece.resize(static_cast<std::size_t>(file.gcount()));
    return piece;
  };
  request.out = request.err = [&](std::string_view text) { words += text; };
  if (TRY(cluster.driver->exec(ctx, node, request)) != 0) return node_trouble(node, words);
  return {};
}

Result<void> out_of_node(const Context& ctx, const Cluster& cluster, const Place& from, const std::string& to) {
  const auto node = TRY(find_node(ctx, cluster, from.node));
  const std::string destination = host_destination(to, from.path);
  const HalfFile half(destination);
  std::ofstream file(half.path(), std::ios::binary);
  if (!file) return host_trouble("Cannot write", destination);

  std::string words;
  drivers::ExecRequest request;
  request.argv = {"cat", from.path};
  request.out = [&](std::string_view piece) { file.write(piece.data(), static_cast<std::streamsize>(piece.size())); };
  request.err = [&](std::string_view text) { words += text; };
  if (TRY(cluster.driver->exec(ctx, node, request)) != 0) return node_trouble(node, words);
  file.close();
  if (!file) return host_trouble("Cannot write", destination);
  const auto executable = TRY(drivers::capture(ctx, *cluster.driver, node, {"test", "-x", from.path}));
  return half.take_place(executable.exit_code == 0);
}

}  // namespace

Place parse_place(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos || text.find('/') < colon) return {"", std::string(text)};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

Result<void> copy_file(const Context& ctx, const Cluster& cluster, const Place& from, const Place& target) {
  Place to = target;
  if (from.node.empty() && to.node.empty() && to.path.starts_with('/')) to.node = control_plane_of(cluster.spec);
  for (const auto& place : {from, to}) {
    if (place.path.empty() || (!place.node.empty() && !place.path.starts_with('/'))) {
      return make_error(ErrorId::usage,
                        "A path in a node is written NODE:/PATH, not '" + place.node + ":" + place.path + "'");
    }
  }
  if (from.node.empty() && to.node.empty()) {
    return make_error(
        ErrorId::usage, "Neither '" + from.path + "' nor '" + to.path + "' is in a node",
        "Write the node before the path, as in w1:/tmp/file; of the control plane the whole path is enough");
  }
  if (from.node.empty()) return into_node(ctx, cluster, from.path, to);
  if (to.node.empty()) return out_of_node(ctx, cluster, from, to.path);

  const std::string folder = TRY(temporary_path("copy"));
  TRY(sys::make_folders(folder));
  const std::string between = host_destination(folder, from.path);
  auto copied = out_of_node(ctx, cluster, from, between);
  if (copied.ok()) copied = into_node(ctx, cluster, between, to);
  TRY(sys::remove_tree(folder));
  return copied;
}

}  // namespace skiff::cluster
