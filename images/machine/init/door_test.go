// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"syscall"
	"testing"
	"time"
)

// identity makes a certificate that vouches for itself, as the driver does, with its key.
func identity(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// failing fails the first accepts, as when the process has no descriptor left.
type failing struct {
	net.Listener
	times int
}

func (f *failing) Accept() (net.Conn, error) {
	if f.times > 0 {
		f.times--
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return f.Listener.Accept()
}

// greeting serves "hello" to whoever authenticates.
func greeting(t *testing.T, door *door) (string, *tls.Config) {
	return serving(t, door, func(connection *tls.Conn) { _, _ = io.WriteString(connection, "hello\n") })
}

// serving serves whoever authenticates; the answers are its address and what a client needs.
func serving(t *testing.T, door *door, serve func(*tls.Conn)) (string, *tls.Config) {
	t.Helper()
	certificate, key := identity(t)
	config, err := mutualTLS(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error)
	go func() {
		over <- door.acceptAll(&failing{listener, 3}, func(raw net.Conn) {
			defer raw.Close()
			if connection, err := door.authenticate(raw, config); err == nil {
				serve(connection)
			}
		})
	}()
	t.Cleanup(func() {
		listener.Close()
		if err := <-over; !errors.Is(err, net.ErrClosed) {
			t.Errorf("accepting ended with %v", err)
		}
	})
	return listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, Certificates: config.Certificates}
}

func expectGreeting(t *testing.T, address string, config *tls.Config) {
	t.Helper()
	connection, err := tls.Dial("tcp", address, config)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if line, err := bufio.NewReader(connection).ReadString('\n'); line != "hello\n" {
		t.Fatalf("got %q, %v", line, err)
	}
}

// A pod may open connections and say nothing: the driver gets in all the same, and the silent ones are bounded.
func TestSilentConnectionsKeepNobodyOut(t *testing.T) {
	door := &door{patience: time.Hour, perHost: 4, all: 8}
	address, config := greeting(t, door)
	var silent []net.Conn
	for range 20 {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		silent = append(silent, connection)
	}
	expectGreeting(t, address, config)
	for _, connection := range silent[:16] { // those of before the last four
		if _, err := connection.Read(make([]byte, 1)); err == nil {
			t.Fatal("a silent connection was served")
		}
	}
	door.mutex.Lock()
	defer door.mutex.Unlock()
	if len(door.waiting) > 4 {
		t.Errorf("%d connections wait", len(door.waiting))
	}
}

func TestNobodyWaitsForASilentConnectionForLong(t *testing.T) {
	address, config := greeting(t, &door{patience: 20 * time.Millisecond, perHost: 4, all: 8})
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := connection.Read(make([]byte, 1)); err == nil {
		t.Error("it was served")
	}
	expectGreeting(t, address, config)
}

func TestAnotherCertificateIsTurnedAway(t *testing.T) {
	address, _ := greeting(t, newDoor())
	other, err := mutualTLS(identity(t))
	if err != nil {
		t.Fatal(err)
	}
	connection, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, Certificates: other.Certificates})
	if err != nil {
		return
	}
	defer connection.Close()
	if line, err := bufio.NewReader(connection).ReadString('\n'); err == nil {
		t.Errorf("a stranger heard %q", line)
	}
}
