// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"encoding/binary"
	"io"
	"strings"
	"testing"
)

// commands serves commands as processes of the test's own.
func commands(t *testing.T) (string, *tls.Config) {
	here := &node{spawn: make(chan func())}
	go func() {
		for start := range here.spawn {
			start()
		}
	}()
	t.Cleanup(func() { close(here.spawn) })
	return serving(t, newDoor(), func(connection *tls.Conn) { answer(connection, here) })
}

// exitOf reads frames up to the exit code.
func exitOf(from io.Reader) (string, error) {
	head := make([]byte, frameHead)
	for {
		if _, err := io.ReadFull(from, head); err != nil {
			return "", err
		}
		content := make([]byte, binary.BigEndian.Uint32(head[1:]))
		if _, err := io.ReadFull(from, content); err != nil {
			return "", err
		}
		if head[0] == frameExit {
			return string(content), nil
		}
	}
}

// A command that ends while the driver still sends: what the driver reads afterwards is the exit code, not a reset.
func TestTheExitCodeArrivesThoughInputIsUnread(t *testing.T) {
	address, config := commands(t)
	for _, each := range []struct{ request, code string }{
		{`{"exec":["sh","-c","exit 7"]}`, "7"},
		{`{"exec":["there-is-no-such-command"]}`, "127"},
	} {
		connection, err := tls.Dial("tcp", address, config)
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		if _, err := io.WriteString(connection, each.request+"\n"); err != nil {
			t.Fatal(err)
		}
		input := &frameWriter{out: connection}
		for range 64 {
			if err := input.send(frameInput, []byte(strings.Repeat("x", 1<<16))); err != nil {
				t.Fatalf("%s: input after the command's end: %v", each.request, err)
			}
		}
		if code, err := exitOf(connection); code != each.code {
			t.Errorf("%s: got %q, %v", each.request, code, err)
		}
	}
}
