// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"fmt"
	"log"
	"net"
	"os/exec"
	"syscall"
)

// heldAddress is an address that moves between control planes. A local route is all that the kernel needs to take what is
// sent to it and to answer who asks for it; with the node's own address as the source, a connection from the node itself
// finds its way to the next holder, who ends it, where one from the held address to itself would hang.
type heldAddress struct {
	ip   string
	own  string
	link net.Interface
}

func splitPort(authority string) (string, string, error) { return net.SplitHostPort(authority) }

// linkOf is the interface that has the node's own address.
func linkOf(address string) (net.Interface, error) {
	links, err := net.Interfaces()
	if err != nil {
		return net.Interface{}, err
	}
	for _, link := range links {
		addresses, _ := link.Addrs()
		for _, each := range addresses {
			if network, ok := each.(*net.IPNet); ok && network.IP.String() == address {
				return link, nil
			}
		}
	}
	return net.Interface{}, fmt.Errorf("no interface has the address %s", address)
}

func (a heldAddress) take() error {
	route := []string{"route", "replace", "local", a.ip, "dev", a.link.Name, "table", "local", "src", a.own}
	if words, err := exec.Command("ip", route...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip route: %w: %s", err, words)
	}
	a.announce()
	return nil
}

// drop succeeds when it was not there.
func (a heldAddress) drop() {
	_ = exec.Command("ip", "route", "del", "local", a.ip, "table", "local").Run()
}

// announce tells everybody on the link whose the address is now: nobody asks as long as the answer of before seems good.
func (a heldAddress) announce() {
	if err := a.broadcast(announcement(a.link.HardwareAddr, net.ParseIP(a.ip))); err != nil {
		log.Printf("announce: %v", err)
	}
}

func (a heldAddress) broadcast(packet []byte) error {
	const arp = 0x0806
	protocol := binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, arp)) // in the order of the network
	socket, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, int(protocol))
	if err != nil {
		return err
	}
	defer syscall.Close(socket)
	to := syscall.SockaddrLinklayer{Protocol: protocol, Ifindex: a.link.Index, Halen: 6}
	copy(to.Addr[:], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	return syscall.Sendto(socket, packet, 0, &to)
}

// announcement is an ARP request for one's own address (RFC 5227, 2.3).
func announcement(hardware net.HardwareAddr, ip net.IP) []byte {
	packet := []byte{0, 1, 8, 0, 6, 4, 0, 1} // Ethernet, IPv4, their lengths, a request
	packet = append(packet, hardware...)
	packet = append(packet, ip.To4()...)
	packet = append(packet, make([]byte, 6)...)
	return append(packet, ip.To4()...)
}
