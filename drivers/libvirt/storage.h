// SPDX-License-Identifier: Apache-2.0
// The storage pool "skiff" of a libvirt host: a folder with the disks of all clusters there. Volumes carry no labels,
// so their names do: "<cluster>.<id>_<node>.disk", and "_<image>.disk" for what belongs to an image. Neither names of
// clusters nor of nodes have an underscore or a dot.
#pragma once

#include <functional>
#include <span>

#include "drivers/libvirt/connection.h"
#include "model/cluster_spec.h"

namespace skiff::drivers::libvirt {

// What the names of a cluster's volumes begin with: "lab.4f0c_"; "lab_" for a cluster without an id.
std::string volume_prefix(const ClusterId& cluster);
// {"lab", "4f0c"}, "lab-w1", "disk" -> "lab.4f0c_lab-w1.disk".
std::string node_volume(const ClusterId& cluster, std::string_view node, std::string_view kind);
// "skiff-machine:v1", "disk" -> "_skiff-machine_v1.disk".
std::string image_volume(std::string_view reference, std::string_view kind);
// The reference in such a name; empty when it is of another kind.
std::string reference_in(std::string_view volume, std::string_view kind);

// For who only looks: the pool as it is, and whether it can be looked into.
Result<std::optional<Pool>> find_pool(const Context& ctx, Connection& connection);
bool is_active(const Connection& connection, const Pool& pool);
// For who removes: started when needed, and nothing when there is none.
Result<std::optional<Pool>> started_pool(const Context& ctx, Connection& connection);
// Makes and starts the pool when needed.
Result<Pool> ensure_pool(const Context& ctx, Connection& connection);
// The pool's folder on the libvirt host.
Result<std::string> folder_of(const Connection& connection, const Pool& pool);
// Looks at the folder anew: files come without libvirt's doing, such as consoles. Includes none that are being written.
Result<void> refresh(const Connection& connection, const Pool& pool);

Result<std::vector<std::string>> volume_names(const Connection& connection, const Pool& pool);
Result<std::optional<Volume>> find_volume(const Connection& connection, const Pool& pool, const std::string& name);
Result<void> remove_volume(const Connection& connection, const Pool& pool,
                           const std::string& name);  // absent = success
Result<std::string> path_of(const Connection& connection, const Volume& volume);

struct VolumePlan {
  std::string name;
  std::int64_t bytes = 0;  // as the machine sees it
  std::string backing =
      {};  // path of a raw volume whose content it starts with; the new volume is qcow2 then, else raw
};
std::string volume_xml(const VolumePlan& plan);
Result<Volume> create_volume(const Connection& connection, const Pool& pool, const VolumePlan& plan);

// Creates a raw volume with that content. A file's holes stay holes. What fails half-way is removed.
Result<void> store(const Context& ctx, Connection& connection, const Pool& pool, const std::string& name,
                   std::string_view content);
Result<void> store_file(const Context& ctx, Connection& connection, const Pool& pool, const std::string& name,
                        const std::string& path);
// Up to `most` bytes from `offset`; fewer at the volume's end.
Result<std::string> read_volume(const Context& ctx, Connection& connection, const Volume& volume, std::size_t most,
                                std::size_t offset = 0);

}  // namespace skiff::drivers::libvirt
