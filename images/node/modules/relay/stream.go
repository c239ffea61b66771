// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

const dialTimeout = 10 * time.Second

// stream is one connection or flow: what the host has sent and the target has not taken yet, and how much the host
// still takes.
type stream struct {
	relay  *relay
	id     uint32
	udp    bool
	cancel context.CancelFunc // ends the dialling

	mutex  sync.Mutex // guards what follows
	wake   *sync.Cond
	conn   net.Conn
	queue  [][]byte
	ended  bool // the host's direction
	credit int
	gone   bool

	upDone, downDone bool // the end was passed on
}

// open dials in the background.
func (r *relay) open(id uint32, where string) {
	network, address, _ := strings.Cut(where, " ")
	if network != "tcp" && network != "udp" {
		r.send(frameReset, id, []byte("not an address: "+where))
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	s := &stream{relay: r, id: id, udp: network == "udp", cancel: cancel, credit: window}
	s.wake = sync.NewCond(&s.mutex)
	r.add(id, s)
	go func() {
		defer cancel()
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			s.fail(err)
			return
		}
		if !s.connected(conn) {
			conn.Close()
			return
		}
		r.send(frameOpened, id, nil)
		go s.writeUp(conn)
		s.readDown(conn)
	}()
}

// connected is false when the host has dropped the stream meanwhile.
func (s *stream) connected(conn net.Conn) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.conn = conn
	return !s.gone
}

func (s *stream) push(bytes []byte) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.udp && len(s.queue) > 64 {
		return // datagrams may be lost
	}
	s.queue = append(s.queue, bytes)
	s.wake.Broadcast()
}

func (s *stream) pushEnd() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.ended = true
	s.wake.Broadcast()
}

func (s *stream) addCredit(bytes int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.credit += bytes
	s.wake.Broadcast()
}

// drop ends the stream without a word to the host; the target gets a reset. False when it was gone already.
func (s *stream) drop() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.gone {
		return false
	}
	s.gone = true
	s.cancel()
	s.wake.Broadcast()
	if tcp, ok := s.conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	if s.conn != nil {
		s.conn.Close()
	}
	s.relay.forget(s.id)
	return true
}

func (s *stream) fail(err error) {
	var inner *net.OpError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	if s.drop() {
		s.relay.send(frameReset, s.id, []byte(err.Error()))
	}
}

// next is what the target gets now: nothing once the host's direction has ended.
func (s *stream) next() (bytes []byte, alive bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for len(s.queue) == 0 && !s.ended && !s.gone {
		s.wake.Wait()
	}
	if s.gone {
		return nil, false
	}
	if len(s.queue) == 0 {
		return nil, true
	}
	bytes = s.queue[0]
	s.queue = s.queue[1:]
	return bytes, true
}

func (s *stream) writeUp(conn net.Conn) {
	for {
		bytes, alive := s.next()
		if !alive {
			return
		}
		if bytes == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				tcp.CloseWrite()
			}
			s.finished(true)
			return
		}
		if _, err := conn.Write(bytes); err != nil {
			s.fail(err)
			return
		}
		if !s.udp {
			s.relay.send(frameCredit, s.id, binary.BigEndian.AppendUint32(nil, uint32(len(bytes))))
		}
	}
}

// room is how much the host takes now; zero when the stream is gone.
func (s *stream) room(most int) int {
	if s.udp {
		return most
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for s.credit == 0 && !s.gone {
		s.wake.Wait()
	}
	if s.gone {
		return 0
	}
	return min(s.credit, most)
}

func (s *stream) readDown(conn net.Conn) {
	size := piece
	if s.udp {
		size = 64 << 10
	}
	buffer := make([]byte, size)
	for {
		room := s.room(size)
		if room == 0 {
			return
		}
		count, err := conn.Read(buffer[:room])
		if count > 0 || (s.udp && err == nil) {
			if !s.udp {
				s.addCredit(-count)
			}
			s.relay.send(frameData, s.id, buffer[:count])
		}
		if err == io.EOF {
			s.relay.send(frameEnd, s.id, nil)
			s.finished(false)
			return
		}
		if err != nil {
			s.fail(err)
			return
		}
	}
}

// finished closes the connection in good order once both directions have ended.
func (s *stream) finished(up bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if up {
		s.upDone = true
	} else {
		s.downDone = true
	}
	if s.gone || !s.upDone || !s.downDone {
		return
	}
	s.gone = true
	s.conn.Close()
	s.relay.forget(s.id)
}
