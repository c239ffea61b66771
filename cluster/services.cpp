#include "cluster/services.h"

#include "drivers/driver_table.h"
#include "kube/node_tree.h"
#include "sys/env.h"

namespace skiff::cluster {

Services user_services() {
  return {ProfileStore(sys::skiff_home()), [](std::string_view name) -> Result<std::unique_ptr<drivers::Driver>> {
            return TRY(drivers::find_driver(name)).make();
          }};
}

Result<Opened> open_profile(const Services& services, const std::string& profile) {
  ClusterSpec spec = TRY(services.store.get(profile));
  auto driver = TRY(services.make_driver(spec.driver));
  return Opened{std::move(spec), std::move(driver)};
}

Result<kube::Access> api_access(const Services& services, const ClusterSpec& spec) {
  const kube::Authorities authorities = TRY(services.store.authorities(spec.profile));
  const Ipv4 address = nodes_of(spec).front().address;
  return kube::Access{spec.profile, "https://" + to_string(address) + ":" + std::to_string(api_port),
                      authorities.cluster.cert_pem, TRY(kube::issue_admin(authorities))};
}

}  // namespace skiff::cluster
