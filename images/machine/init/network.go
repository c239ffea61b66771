package main

import (
	"encoding/binary"
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

// configureNetwork brings lo and the one network card up; the answer is the machine's own address.
func configureNetwork(description *machine) (string, error) {
	ip, network, err := net.ParseCIDR(description.Address)
	if err != nil {
		return "", err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer syscall.Close(fd)

	card, err := findCard()
	if err != nil {
		return "", err
	}
	set := func(name string, request uintptr, fill func(value []byte)) error {
		var argument interfaceRequest
		copy(argument.name[:], name)
		fill(argument.value[:])
		return ioctl(fd, request, uintptr(unsafe.Pointer(&argument)))
	}
	number := func(value uint32) func([]byte) {
		return func(field []byte) { binary.NativeEndian.PutUint32(field, value) }
	}
	address := func(ip net.IP) func([]byte) {
		return func(field []byte) { *(*syscall.RawSockaddrInet4)(unsafe.Pointer(&field[0])) = socketAddress(ip) }
	}
	const up = syscall.IFF_UP | syscall.IFF_RUNNING
	steps := []error{
		set("lo", syscall.SIOCSIFFLAGS, number(up)),
		set(card, syscall.SIOCSIFMTU, number(uint32(description.MTU))),
		set(card, syscall.SIOCSIFADDR, address(ip)),
		set(card, syscall.SIOCSIFNETMASK, address(net.IP(network.Mask))),
		set(card, syscall.SIOCSIFFLAGS, number(up)),
	}
	for _, err := range steps {
		if err != nil {
			return "", err
		}
	}
	route := routeRequest{destination: socketAddress(net.IPv4zero), netmask: socketAddress(net.IPv4zero),
		gateway: socketAddress(net.ParseIP(description.Gateway)), flags: routeUpGateway}
	return ip.String(), ioctl(fd, syscall.SIOCADDRT, uintptr(unsafe.Pointer(&route)))
}

// findCard waits for the network card: its driver may still be looking at it.
func findCard() (string, error) {
	for {
		cards, err := net.Interfaces()
		if err != nil {
			return "", err
		}
		for _, card := range cards {
			if card.Flags&net.FlagLoopback == 0 && len(card.HardwareAddr) == 6 {
				return card.Name, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
}
