// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// door holds the connections that have not shown yet who they are. Whoever reaches the port may open as many as they like
// and say nothing: beyond a limit each new one takes the place of the oldest, first among those of its own address, so
// that neither descriptors nor memory run out and the driver still gets in.
type door struct {
	patience time.Duration // for one to authenticate; an emulated processor that boots may need seconds
	perHost  int
	all      int

	mutex   sync.Mutex
	waiting []net.Conn // the oldest first
}

func newDoor() *door { return &door{patience: 15 * time.Second, perHost: 64, all: 1024} }

func hostOf(connection net.Conn) string {
	host, _, _ := net.SplitHostPort(connection.RemoteAddr().String())
	return host
}

func (d *door) enter(connection net.Conn) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	host := hostOf(connection)
	isSame := func(other net.Conn) bool { return hostOf(other) == host }
	same := 0
	for _, other := range d.waiting {
		if isSame(other) {
			same++
		}
	}
	switch {
	case same >= d.perHost:
		d.turnAway(slices.IndexFunc(d.waiting, isSame))
	case len(d.waiting) >= d.all:
		d.turnAway(0)
	}
	d.waiting = append(d.waiting, connection)
}

func (d *door) turnAway(index int) {
	d.waiting[index].Close()
	d.waiting = slices.Delete(d.waiting, index, index+1)
}

func (d *door) leave(connection net.Conn) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if index := slices.Index(d.waiting, connection); index >= 0 {
		d.waiting = slices.Delete(d.waiting, index, index+1)
	}
}

// authenticate blocks until the other side of a connection that has entered shows the right certificate, for as long as
// the door's patience.
func (d *door) authenticate(raw net.Conn, config *tls.Config) (*tls.Conn, error) {
	defer d.leave(raw)
	if err := raw.SetDeadline(time.Now().Add(d.patience)); err != nil {
		return nil, err
	}
	connection := tls.Server(raw, config)
	if err := connection.Handshake(); err != nil {
		return nil, err
	}
	return connection, raw.SetDeadline(time.Time{})
}

// acceptAll lets connections enter in the order of their coming, and hands each to serve, until the listener is closed.
// Any other failure passes: a lack of descriptors, or a connection that was given up before it was accepted.
func (d *door) acceptAll(listener net.Listener, serve func(net.Conn)) error {
	const longest = time.Second
	pause := time.Duration(0)
	for {
		connection, err := listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil:
			if pause == 0 {
				fmt.Println("machine: a connection cannot be accepted:", err)
			}
			pause = min(max(2*pause, 5*time.Millisecond), longest)
			time.Sleep(pause)
		default:
			pause = 0
			d.enter(connection)
			go serve(connection)
		}
	}
}
