// SPDX-License-Identifier: Apache-2.0
// Where the connections of a service's port go.
#pragma once

#include <memory>

#include "cluster/reach/cluster_view.h"
#include "net/forward/route_source.h"

namespace skiff::cluster {

// The targets of a port, in the order in which they are to be tried: the running nodes with its node port where this
// host reaches them, else its cluster address by way of a node. A traffic policy Local leaves only the nodes that have
// an endpoint. Pure.
std::vector<net::Target> targets_of(const Service& service, const ServicePort& port, const Endpoints& endpoints,
                                    const std::vector<drivers::ObservedNode>& running, bool reachable_from_host,
                                    const std::shared_ptr<ClusterView>& view);

// Looks the service up for every connection, so that it may be made anew and nodes may come and go.
std::shared_ptr<net::RouteSource> service_route(std::shared_ptr<ClusterView> view, const ServiceKey& service,
                                                net::Protocol protocol, std::uint16_t port);

// A port of a node itself.
std::shared_ptr<net::RouteSource> node_route(std::shared_ptr<ClusterView> view, std::string node, std::uint16_t port);

}  // namespace skiff::cluster
