// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/binary"
	"errors"
	"net"
	"syscall"
	"time"
	"unsafe"
)

// Of linux/sockios.h and linux/route.h: what package syscall does not have in a usable form.
type interfaceRequest struct {
	name  [16]byte
	value [24]byte
}

type routeRequest struct {
	_                             uint64
	destination, gateway, netmask syscall.RawSockaddrInet4
	flags                         uint16
	_                             [6]byte
	_                             [48]byte
}

const routeUpGateway = 0x1 | 0x2

func ioctl(fd int, request, argument uintptr) error {
	if _, _, code := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, argument); code != 0 {
		return code
	}
	return nil
}

func socketAddress(ip net.IP) syscall.RawSockaddrInet4 {
	address := syscall.RawSockaddrInet4{Family: syscall.AF_INET}
	copy(address.Addr[:], ip.To4())
	return address
}

// configureNetwork brings up lo and the cards; the answer is the machine's own address.
func configureNetwork(description *machine) (string, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer syscall.Close(fd)

	const up = syscall.IFF_UP | syscall.IFF_RUNNING
	if err := setCard(fd, "lo", syscall.SIOCSIFFLAGS, number(up)); err != nil {
		return "", err
	}
	configureCard := func(mac, addressAndBits string) (net.IP, error) {
		ip, network, err := net.ParseCIDR(addressAndBits)
		if err != nil {
			return nil, err
		}
		card, err := findCard(mac)
		if err != nil {
			return nil, err
		}
		return ip, errors.Join(
			setCard(fd, card, syscall.SIOCSIFMTU, number(uint32(description.MTU))),
			setCard(fd, card, syscall.SIOCSIFADDR, address(ip)),
			setCard(fd, card, syscall.SIOCSIFNETMASK, address(net.IP(network.Mask))),
			setCard(fd, card, syscall.SIOCSIFFLAGS, number(up)))
	}
	if description.PublishedMac != "" {
		if _, err := configureCard(description.PublishedMac, description.PublishedAddress); err != nil {
			return "", err
		}
	}
	ip, err := configureCard(description.Mac, description.Address)
	if err != nil {
		return "", err
	}
	route := routeRequest{destination: socketAddress(net.IPv4zero), netmask: socketAddress(net.IPv4zero),
		gateway: socketAddress(net.ParseIP(description.Gateway)), flags: routeUpGateway}
	return ip.String(), ioctl(fd, syscall.SIOCADDRT, uintptr(unsafe.Pointer(&route)))
}

func setCard(fd int, name string, request uintptr, fill func(value []byte)) error {
	var argument interfaceRequest
	copy(argument.name[:], name)
	fill(argument.value[:])
	return ioctl(fd, request, uintptr(unsafe.Pointer(&argument)))
}

func number(value uint32) func([]byte) {
	return func(field []byte) { binary.NativeEndian.PutUint32(field, value) }
}

func address(ip net.IP) func([]byte) {
	return func(field []byte) { *(*syscall.RawSockaddrInet4)(unsafe.Pointer(&field[0])) = socketAddress(ip) }
}

// findCard waits for a network card: its driver may still be looking at it.
func findCard(mac string) (string, error) {
	for {
		cards, err := net.Interfaces()
		if err != nil {
			return "", err
		}
		for _, card := range cards {
			if card.HardwareAddr.String() == mac {
				return card.Name, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}
