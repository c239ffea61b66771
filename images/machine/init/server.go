// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// A connection begins with one request, a line of JSON, that says one of these.
type request struct {
	Exec     []string          `json:"exec"` // a command: frames follow, see session.go
	Env      map[string]string `json:"env"`
	Terminal *size             `json:"terminal"`
	Dial     string            `json:"dial"`  // an address, "10.96.0.10:53": its bytes follow the first frame
	Stop     bool              `json:"stop"`  // answered when the machine has nothing left to do but be turned off
	Clock    int64             `json:"clock"` // nanoseconds since 1970: sets the machine's clock
}

// serve accepts the driver's connections. Whoever shows the machine's own certificate is the driver: its key is on the
// machine's disk and nowhere else, and only who may use the hypervisor can read it there.
func serve(description *machine, node *node) error {
	config, err := mutualTLS([]byte(description.Certificate), []byte(description.Key))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", ":"+strconv.Itoa(description.Port))
	if err != nil {
		return err
	}
	door := newDoor()
	return door.acceptAll(listener, func(raw net.Conn) {
		defer raw.Close()
		if connection, err := door.authenticate(raw, config); err == nil {
			answer(connection, node)
		}
	})
}

// mutualTLS is for a server whose clients show its own certificate.
func mutualTLS(certificate, key []byte) (*tls.Config, error) {
	identity, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		Certificates:           []tls.Certificate{identity},
		SessionTicketsDisabled: true, // a resumed session would not be asked for its certificate
		ClientAuth:             tls.RequireAnyClientCert,
		VerifyConnection: func(state tls.ConnectionState) error {
			if !bytes.Equal(state.PeerCertificates[0].Raw, identity.Certificate[0]) {
				return errors.New("this client is not the driver")
			}
			return nil
		},
	}, nil
}

func answer(connection *tls.Conn, node *node) {
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 1<<16)
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return
	}
	var wanted request
	if err := json.Unmarshal(line, &wanted); err != nil {
		return
	}
	frames := &frameWriter{out: connection}
	switch {
	case len(wanted.Exec) > 0:
		hangUp := func() { _ = connection.SetReadDeadline(time.Now().Add(10 * time.Second)) }
		run := &session{frames: frames, in: reader, node: node, hangUp: hangUp}
		run.serve(&wanted)
	case wanted.Dial != "":
		dial(wanted.Dial, connection, reader, frames)
	case wanted.Stop:
		gone := stopped.wait(frames)
		node.stop()
		_, _ = io.Copy(io.Discard, reader)
		close(gone)
	case wanted.Clock != 0:
		now := syscall.NsecToTimeval(wanted.Clock)
		frames.sendResult(syscall.Settimeofday(&now))
	}
}

// dial joins the connection with one to an address, half by half.
func dial(address string, connection *tls.Conn, reader io.Reader, frames *frameWriter) {
	target, err := net.DialTimeout("tcp", address, 10*time.Second)
	frames.sendResult(err)
	if err != nil {
		return
	}
	defer target.Close()
	there := make(chan struct{})
	go func() {
		defer close(there)
		if _, err := io.Copy(target, reader); err != nil {
			target.Close()
			return
		}
		_ = target.(*net.TCPConn).CloseWrite()
	}()
	if _, err := io.Copy(connection, target); err == nil && connection.CloseWrite() == nil {
		<-there // the other half may go on
	}
}

// Those who wait for the machine to be stopped.
var stopped waiters

type waiter struct {
	frames *frameWriter
	gone   chan struct{} // closed when it has closed the connection
}

type waiters struct {
	mutex sync.Mutex
	all   []waiter
}

func (w *waiters) wait(frames *frameWriter) chan<- struct{} {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	gone := make(chan struct{})
	w.all = append(w.all, waiter{frames, gone})
	return gone
}

// tellStopped blocks until the answer has arrived: a machine that is off sends nothing any more, not even what lies in
// its network card's queue. Whoever has heard it closes the connection, or turns the machine off.
func tellStopped() {
	stopped.mutex.Lock()
	defer stopped.mutex.Unlock()
	for _, each := range stopped.all {
		each.frames.sendResult(nil)
	}
	limit := time.After(5 * time.Second)
	for _, each := range stopped.all {
		select {
		case <-each.gone:
		case <-limit:
			return
		}
	}
}
