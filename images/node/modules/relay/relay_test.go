// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"
)

const patience = 10 * time.Second

type frame struct {
	kind    byte
	id      uint32
	payload []byte
}

// host is the other end of a relay, as net/mux.cpp is.
type host struct {
	t      *testing.T
	relay  *relay
	in     *io.PipeWriter
	frames chan frame
	ended  chan error
}

func newHost(t *testing.T) *host {
	input, in := io.Pipe()
	out, output := io.Pipe()
	h := &host{
		t: t, relay: &relay{out: output, streams: map[uint32]*stream{}},
		in: in, frames: make(chan frame, 1024), ended: make(chan error, 1),
	}
	go func() { h.ended <- h.relay.serve(input) }()
	go func() {
		defer close(h.frames)
		header := make([]byte, headerSize)
		for {
			if _, err := io.ReadFull(out, header); err != nil {
				return
			}
			got := frame{header[0], binary.BigEndian.Uint32(header[1:]), make([]byte, binary.BigEndian.Uint32(header[5:]))}
			if _, err := io.ReadFull(out, got.payload); err != nil {
				return
			}
			h.frames <- got
		}
	}()
	t.Cleanup(func() { in.Close(); output.Close() })
	return h
}

func (h *host) send(kind byte, id uint32, payload string) {
	header := append([]byte{kind}, make([]byte, 8)...)
	binary.BigEndian.PutUint32(header[1:], id)
	binary.BigEndian.PutUint32(header[5:], uint32(len(payload)))
	if _, err := h.in.Write(append(header, payload...)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) credit(id uint32, bytes int) {
	h.send(frameCredit, id, string(binary.BigEndian.AppendUint32(nil, uint32(bytes))))
}

func (h *host) next() frame {
	h.t.Helper()
	select {
	case got := <-h.frames:
		return got
	case <-time.After(patience):
		h.t.Fatal("the relay is silent")
		return frame{}
	}
}

func (h *host) expect(kind byte, id uint32, payload string) {
	h.t.Helper()
	if got := h.next(); got.kind != kind || got.id != id || string(got.payload) != payload {
		h.t.Fatalf("got frame %d of stream %d with %q, want %d of %d with %q", got.kind, got.id, got.payload, kind, id, payload)
	}
}

// open is a TCP stream to a listener of the test's own, and the target's end of it.
func (h *host) open(id uint32) *net.TCPConn {
	h.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	defer listener.Close()
	h.send(frameOpen, id, "tcp "+listener.Addr().String())
	target, err := listener.Accept()
	if err != nil {
		h.t.Fatal(err)
	}
	h.expect(frameOpened, id, "")
	_ = target.SetDeadline(time.Now().Add(patience))
	h.t.Cleanup(func() { target.Close() })
	return target.(*net.TCPConn)
}

func (h *host) expectForgotten(id uint32) {
	h.t.Helper()
	for end := time.Now().Add(patience); h.relay.find(id) != nil; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("stream %d is still known", id)
		}
	}
}

func TestEachDirectionEndsByItself(t *testing.T) {
	h := newHost(t)
	target := h.open(7)

	h.send(frameData, 7, "question")
	h.send(frameEnd, 7, "")
	if asked, err := io.ReadAll(target); err != nil || string(asked) != "question" {
		t.Fatalf("the target got %q, %v", asked, err)
	}
	h.expect(frameCredit, 7, "\x00\x00\x00\x08")

	if _, err := target.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	h.expect(frameData, 7, "answer")
	target.Close()
	h.expect(frameEnd, 7, "")
	h.expectForgotten(7)
}

func TestAHostThatGivesNoCreditGetsNoMoreThanTheWindow(t *testing.T) {
	h := newHost(t)
	target := h.open(1)
	sent := bytes.Repeat([]byte("0123456789abcdef"), 3*window/16)
	go func() {
		_, _ = target.Write(sent)
		target.Close()
	}()

	var got []byte
	for len(got) < window {
		got = append(got, h.next().payload...)
	}
	if len(got) != window {
		t.Fatalf("%d bytes under way, want at most %d", len(got), window)
	}
	select {
	case more := <-h.frames:
		t.Fatalf("a frame %d with %d bytes more", more.kind, len(more.payload))
	case <-time.After(100 * time.Millisecond):
	}

	h.credit(1, len(sent))
	for len(got) < len(sent) {
		got = append(got, h.next().payload...)
	}
	h.expect(frameEnd, 1, "")
	if !bytes.Equal(got, sent) {
		t.Fatal("the bytes differ")
	}
}

func TestAStreamThatIsNotReadHoldsUpNoOther(t *testing.T) {
	h := newHost(t)
	h.open(1) // a target that never reads
	other := h.open(2)
	// Far more than the window: a host that gave no heed to credit must not stop the other streams either.
	for range 64 * window / piece {
		h.send(frameData, 1, string(make([]byte, piece)))
	}
	h.send(frameData, 2, "hello")
	text := make([]byte, 5)
	if _, err := io.ReadFull(other, text); err != nil || string(text) != "hello" {
		t.Fatalf("the other target got %q, %v", text, err)
	}
}

func TestDatagramsKeepTheirBounds(t *testing.T) {
	target, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	_ = target.SetDeadline(time.Now().Add(patience))
	h := newHost(t)
	h.send(frameOpen, 3, "udp "+target.LocalAddr().String())
	h.expect(frameOpened, 3, "")

	buffer := make([]byte, 64<<10)
	for _, text := range []string{"one", "", "three", string(make([]byte, 60000))} {
		h.send(frameData, 3, text)
		size, from, err := target.ReadFrom(buffer)
		if err != nil || string(buffer[:size]) != text {
			t.Fatalf("the target got %d bytes, want %d: %v", size, len(text), err)
		}
		if _, err := target.WriteTo(buffer[:size], from); err != nil {
			t.Fatal(err)
		}
		h.expect(frameData, 3, text)
	}
	h.send(frameReset, 3, "")
	h.expectForgotten(3)
}

func TestAnAddressThatRefusesIsNamedAsTheKernelDoes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	h := newHost(t)
	h.send(frameOpen, 5, "tcp "+address)
	h.expect(frameReset, 5, "connect: connection refused")
	h.expectForgotten(5)
}

func TestOnlyTcpAndUdpAreDialled(t *testing.T) {
	h := newHost(t)
	h.send(frameOpen, 5, "unix /run/etcd.sock")
	h.expect(frameReset, 5, "not an address: unix /run/etcd.sock")
}

func TestAStreamThatTheHostDropsIsResetAtTheTarget(t *testing.T) {
	h := newHost(t)
	target := h.open(9)
	h.send(frameReset, 9, "")
	if _, err := target.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("the target saw %v", err)
	}
	h.expectForgotten(9)
	h.send(frameData, 9, "too late") // which the host may send before it knows
	h.open(10)
}

func TestAStreamThatTheTargetResetsIsResetAtTheHost(t *testing.T) {
	h := newHost(t)
	target := h.open(9)
	_ = target.SetLinger(0)
	target.Close()
	h.expect(frameReset, 9, "read: connection reset by peer")
	h.expectForgotten(9)
}

func TestTheRelayEndsWithItsInput(t *testing.T) {
	h := newHost(t)
	h.open(1)
	h.in.Close()
	if err := <-h.ended; err != io.EOF {
		t.Fatalf("ended with %v", err)
	}
}

func TestAFrameBeyondMeasureEndsTheRelay(t *testing.T) {
	h := newHost(t)
	header := []byte{frameData, 0, 0, 0, 1, 0, 0x10, 0, 1}
	if _, err := h.in.Write(header); err != nil {
		t.Fatal(err)
	}
	if err := <-h.ended; err != io.ErrShortBuffer {
		t.Fatalf("ended with %v", err)
	}
}
