// SPDX-License-Identifier: Apache-2.0
#include "cluster/doctor.h"

#include "cluster/network/policies.h"
#include "cluster/proxy_in_the_way.h"
#include "cluster/start/inotify.h"
#include "drivers/common/subnets.h"
#include "drivers/driver_table.h"
#include "images/fetch.h"
#include "images/node_image.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/net/host_net.h"
#include "sys/process.h"

namespace skiff::cluster {
namespace {

// One driver is enough: another that does not work is bad only when none does.
void check_drivers(const Context& ctx, const Home& home, std::vector<Finding>& findings) {
  const std::size_t first = findings.size();
  bool any_works = false;
  for (const auto& info : drivers::all_drivers()) {
    const auto driver = home.make_driver(info.name, "");
    const auto health = driver.ok() ? (*driver)->check(ctx) : Result<drivers::Health>(driver.error());
    const std::string name(info.name);
    if (!health.ok()) {
      findings.push_back({name, Verdict::warning, health.error().what, std::string(advice_of(health.error()))});
      continue;
    }
    any_works = true;
    std::string what = health->version;
    for (const auto& [key, value] : health->facts) what += ", " + key + " " + value;
    findings.push_back({name, Verdict::good, what, ""});
  }
  if (any_works) return;
  for (std::size_t i = first; i < findings.size(); ++i) findings[i].verdict = Verdict::bad;
}

// The distributions' limit of 128 is used up by about eight nodes: it is good when it is enough for a cluster of twice
// as many.
Finding check_inotify() {
  constexpr int many_nodes = 16;
  const InotifyRoom room = inotify_room(inotify_instances_for(many_nodes));
  std::string what = "max_user_instances is " + std::to_string(room.limit);
  if (is_enough(room, many_nodes)) return {"inotify", Verdict::good, what, ""};
  if (room.free >= 0) what += ", of which " + std::to_string(room.free) + " are free";
  return {"inotify", Verdict::warning, what + "; many nodes or watches may exhaust it", inotify_advice(many_nodes)};
}

Finding check_disk() {
  constexpr long long gigabyte = 1LL << 30;
  constexpr long long enough = 10 * gigabyte;  // what a first build of the node image needs
  const std::string folder = sys::cache_folder();
  const auto free = sys::free_bytes(folder);
  if (!free.ok()) return {"disk", Verdict::bad, free.error().what, std::string(advice_of(free.error()))};
  const std::string what = std::to_string(*free / gigabyte) + " GiB free below " + folder;
  if (*free >= enough) return {"disk", Verdict::good, what, ""};
  return {"disk", Verdict::warning, what, "Free some space, or point SKIFF_CACHE_DIR at another file system"};
}

// A Docker on another machine may see it differently.
Finding check_subnets() {
  const auto free = drivers::free_subnets({}, {}, drivers::ranges_of(sys::used_ranges()));
  if (!free.ok()) return {"subnets", Verdict::bad, free.error().what, std::string(advice_of(free.error()))};
  return {"subnets", Verdict::good,
          std::to_string(free->size()) + " free for clusters, the next is " + to_string(free->front()), ""};
}

// A Docker on another machine has another kernel; its nodes tell of it when they start.
Finding check_policies() {
  const std::string name = "network-policies";
  const auto config = kernel_config();
  if (!config)
    return {name, Verdict::good, "nodes tell when they start; this kernel does not say how it was built", ""};
  if (asks_about_packets(*config)) return {name, Verdict::good, "the kernel can enforce them", ""};
  return {name, Verdict::warning, "not enforced: the kernel has neither nft_queue nor, with nft_compat, xt_NFQUEUE",
          "Use a kernel with CONFIG_NETFILTER_NETLINK_QUEUE and CONFIG_NFT_QUEUE"};
}

Finding check_name_servers() {
  const auto servers = sys::resolver().servers;
  if (!servers.empty()) return {"name-servers", Verdict::good, servers.front(), ""};
  return {"name-servers", Verdict::warning, "no name server that a pod could use", "Add one to /etc/resolv.conf"};
}

Finding check_node_image() {
  if (images::cached_node_image().complete) return {"node-image", Verdict::good, images::node_image_reference(), ""};
  return {"node-image", Verdict::warning, "not built yet; the first start builds it", "skiff node-image build"};
}

Finding check_kubectl() {
  if (images::cached_node_image().complete) return {"kubectl", Verdict::good, "built with the node image", ""};
  const std::string path = sys::find_program("kubectl");
  if (!path.empty()) return {"kubectl", Verdict::good, path, ""};
  return {"kubectl", Verdict::warning, "none yet; it comes with the node image", "skiff node-image build"};
}

// Asked about the API of each cluster of this home and, where there is none, of the next one.
Finding check_proxy(const Home& home) {
  std::vector<std::pair<std::string, std::string>> servers;  // by what they are called
  for (const auto& name : home.store.names()) {
    const auto spec = home.store.find(name).value_or(std::nullopt);
    const auto network = spec ? placed(*spec) : std::nullopt;
    if (network) servers.emplace_back("cluster '" + name + "'", api_of(*network).url());
  }
  if (servers.empty()) {
    const auto free = drivers::free_subnets({}, {}, drivers::ranges_of(sys::used_ranges()));
    const Cidr range = free.ok() ? free->front() : private_ranges.back();
    servers.emplace_back("next cluster", "https://" + to_string(range.host(2)) + ":6443");
  }
  for (const auto& [name, server] : servers) {
    const std::string variable = proxy_in_the_way(server);
    if (variable.empty()) continue;
    return {"proxy", Verdict::warning,
            variable + " is set, and NO_PROXY does not have the address of the " + name +
                ", so kubectl asks the proxy for it",
            "Add " + host_of(server) + " to NO_PROXY, or use 'skiff kubectl'"};
  }
  return {"proxy", Verdict::good, "none stands between kubectl and a cluster", ""};
}

// The proxies of the environment, as nodes would be given them.
Finding check_proxy_of_nodes() {
  const std::string name = "proxy-of-nodes";
  const auto proxies = images::proxies_here();
  if (!proxies.ok()) return {name, Verdict::warning, proxies.error().what, std::string(advice_of(proxies.error()))};
  if (!proxies->any()) return {name, Verdict::good, "none in the environment", ""};
  for (const auto* proxy : {&proxies->https, &proxies->http}) {
    if (proxy->empty() || !is_loopback_host(parts_of_proxy(*proxy).host)) continue;
    return {name, Verdict::warning, without_password(*proxy) + " is found by this host alone, and not by nodes",
            "Have it listen on an address that nodes reach too, and give that with 'skiff start --proxy'"};
  }
  return {name, Verdict::good, without_password(proxies->https.empty() ? proxies->http : proxies->https), ""};
}

}  // namespace

std::vector<Finding> doctor(const Context& ctx, const Home& home) {
  std::vector<Finding> findings;
  check_drivers(ctx, home, findings);
  for (const auto check : {check_inotify, check_disk, check_subnets, check_name_servers, check_policies,
                           check_proxy_of_nodes, check_node_image, check_kubectl}) {
    findings.push_back(check());
  }
  findings.push_back(check_proxy(home));
  return findings;
}

}  // namespace skiff::cluster
