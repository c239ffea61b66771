// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"strings"
)

// place is what a control plane is told about itself and the others.
type place struct {
	name       string
	address    string   // of the node
	api        string   // where the API answers everybody: host:port
	apiAddress string   // its host, held by one control plane at a time
	others     []string // addresses of the other control planes
	founder    bool     // without data it begins a cluster of its own
}

func (p place) peerURL() string { return peerURL(p.address) }

func peerURL(address string) string   { return "https://" + net.JoinHostPort(address, "2380") }
func clientURL(address string) string { return "https://" + net.JoinHostPort(address, "2379") }

// parsePlace reads lines like NAME='value'; values of ours hold no quotes.
func parsePlace(text string) (place, error) {
	values := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		if name, value, found := strings.Cut(line, "="); found {
			values[name] = strings.Trim(value, "'")
		}
	}
	self := place{
		name:       values["NODE"],
		address:    values["ADDRESS"],
		api:        values["API_SERVER"],
		apiAddress: values["API_ADDRESS"],
		others:     strings.Fields(values["CONTROL_PLANES"]),
		founder:    values["ETCD_FOUNDER"] == "yes",
	}
	if self.name == "" || self.address == "" || self.apiAddress == "" {
		return self, fmt.Errorf("this node is no control plane of several")
	}
	return self, nil
}
