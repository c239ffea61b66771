// SPDX-License-Identifier: Apache-2.0

// skiff-relay gives the host streams to addresses that only this node sees: one run of it carries any number of TCP
// connections and UDP flows over its standard input and output, and ends with its input.
//
// A frame is a kind (one byte), a stream's number (four bytes, chosen by the host, never used twice), the payload's
// size (four bytes) and the payload; numbers are big-endian. net/mux_protocol.h is the host's half.
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"sync"
)

const (
	frameOpen   = 1 // host: dial "tcp 10.96.3.4:80", or udp
	frameOpened = 2 // relay: done
	frameData   = 3 // bytes; of UDP one datagram
	frameEnd    = 4 // the sender's direction has ended
	frameReset  = 5 // the stream is no more; the payload says why
	frameCredit = 6 // four bytes: the receiver has passed on so many bytes and takes as many more
)

const (
	headerSize = 9
	window     = 256 << 10 // bytes of a TCP stream that may be under way in one direction
	piece      = 32 << 10  // of a TCP stream in one frame
	longest    = 1 << 20   // payload
)

// relay is the connection to the host and the streams on it.
type relay struct {
	writing sync.Mutex // guards out
	out     io.Writer

	mutex   sync.Mutex // guards streams
	streams map[uint32]*stream
}

// send writes one frame. A host that is gone is noticed by the reader of standard input.
func (r *relay) send(kind byte, id uint32, payload []byte) {
	frame := make([]byte, headerSize, headerSize+len(payload))
	frame[0] = kind
	binary.BigEndian.PutUint32(frame[1:], id)
	binary.BigEndian.PutUint32(frame[5:], uint32(len(payload)))
	frame = append(frame, payload...)
	r.writing.Lock()
	defer r.writing.Unlock()
	r.out.Write(frame)
}

func (r *relay) find(id uint32) *stream {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.streams[id]
}

func (r *relay) add(id uint32, s *stream) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.streams[id] = s
}

func (r *relay) forget(id uint32) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(r.streams, id)
}

// serve takes frames until the input ends.
func (r *relay) serve(in io.Reader) error {
	buffered := bufio.NewReaderSize(in, 256<<10)
	header := make([]byte, headerSize)
	for {
		if _, err := io.ReadFull(buffered, header); err != nil {
			return err
		}
		kind, id := header[0], binary.BigEndian.Uint32(header[1:])
		size := binary.BigEndian.Uint32(header[5:])
		if size > longest {
			return io.ErrShortBuffer
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(buffered, payload); err != nil {
			return err
		}
		r.take(kind, id, payload)
	}
}

func (r *relay) take(kind byte, id uint32, payload []byte) {
	if kind == frameOpen {
		r.open(id, string(payload))
		return
	}
	s := r.find(id)
	if s == nil {
		return // it has ended here, which the host does not know yet
	}
	switch kind {
	case frameData:
		s.push(payload)
	case frameEnd:
		s.pushEnd()
	case frameReset:
		s.drop()
	case frameCredit:
		if len(payload) == 4 {
			s.addCredit(int(binary.BigEndian.Uint32(payload)))
		}
	}
}

func main() {
	r := &relay{out: os.Stdout, streams: map[uint32]*stream{}}
	if err := r.serve(os.Stdin); err != io.EOF {
		os.Stderr.WriteString("skiff-relay: " + err.Error() + "\n")
		os.Exit(1)
	}
}
