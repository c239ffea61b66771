// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const patience = 60 * time.Second

var commands = map[string]func(address string, number int64) error{
	"many":       many,
	"up":         up,
	"down":       down,
	"datagrams":  datagrams,
	"load":       load,
	"latency":    latency,
	"throughput": throughput,
}

func ask(args []string) error {
	if len(args) != 3 {
		return errors.New("usage: echo many|up|down|datagrams|load|latency|throughput ADDRESS NUMBER")
	}
	number, err := strconv.ParseInt(args[2], 10, 64)
	command := commands[args[0]]
	if err != nil || command == nil {
		return errors.New("what is '" + strings.Join(args, " ") + "'?")
	}
	return command(args[1], number)
}

func dial(network, address string) (net.Conn, error) {
	conn, err := net.DialTimeout(network, address, 10*time.Second)
	if err == nil {
		conn.SetDeadline(time.Now().Add(patience))
	}
	return conn, err
}

// exchange has a message echoed.
func exchange(conn net.Conn, message []byte) error {
	if _, err := conn.Write(message); err != nil {
		return err
	}
	answer := make([]byte, len(message))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if !bytes.Equal(answer, message) {
		return errors.New("the answer differs")
	}
	return nil
}

// many holds so many connections open at the same time, each with a message of its own.
func many(address string, count int64) error {
	conns := make([]net.Conn, count)
	failures := make([]error, count)
	each := func(do func(i int) error) error {
		var all sync.WaitGroup
		for i := range conns {
			all.Go(func() { failures[i] = do(i) })
		}
		all.Wait()
		return errors.Join(failures...)
	}
	err := each(func(i int) (err error) {
		conns[i], err = dial("tcp", address)
		return err
	})
	if err != nil {
		return err
	}
	talk := func(i int) error {
		return exchange(conns[i], []byte(strings.Repeat(fmt.Sprintln("connection", i), 50)))
	}
	if err := each(talk); err != nil {
		return err
	}
	return each(func(i int) error { // and once more, now that all have been open together
		defer conns[i].Close()
		return talk(i)
	})
}

// up sends so many bytes, ends its direction and expects their hash.
func up(address string, count int64) error {
	conn, err := dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * patience))
	if _, err := io.CopyN(conn, bytesOf(), count); err != nil {
		return err
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err == nil && strings.TrimSpace(string(answer)) != hashOf(count) {
		err = fmt.Errorf("the hash of %d bytes differs", count)
	}
	return err
}

// down asks for so many bytes and reads to the end of the stream.
func down(address string, count int64) error {
	conn, err := dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * patience))
	fmt.Fprintln(conn, count)
	hash := sha256.New()
	seen, err := io.Copy(hash, conn)
	if err == nil && (seen != count || hex.EncodeToString(hash.Sum(nil)) != hashOf(count)) {
		err = fmt.Errorf("%d bytes came of %d, or others", seen, count)
	}
	return err
}

// datagrams has so many echoed; one that is lost is sent again.
func datagrams(address string, count int64) error {
	conn, err := dial("udp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	buffer := make([]byte, 64<<10)
	for i := range count {
		message := []byte(fmt.Sprint("datagram ", i, strings.Repeat(" ", int(i%1000))))
		for tries := 1; ; tries++ {
			conn.Write(message)
			conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
			size, err := conn.Read(buffer)
			if err == nil && bytes.Equal(buffer[:size], message) {
				break
			}
			if tries == 20 {
				return fmt.Errorf("no echo of datagram %d: %v", i, err)
			}
		}
	}
	return nil
}

// load opens connections for so many seconds, ten at a time, and prints how many went well and how many did not.
func load(address string, seconds int64) error {
	var good, bad atomic.Int64
	end := time.Now().Add(time.Duration(seconds) * time.Second)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for time.Now().Before(end) {
				conn, err := dial("tcp", address)
				if err == nil {
					conn.SetDeadline(time.Now().Add(5 * time.Second))
					err = exchange(conn, []byte("hello"))
					conn.Close()
				}
				if err == nil {
					good.Add(1)
				} else {
					bad.Add(1)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	all.Wait()
	fmt.Println(good.Load(), bad.Load())
	return nil
}

// latency prints the median of so many exchanges of a small message, in microseconds.
func latency(address string, count int64) error {
	conn, err := dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	times := make([]time.Duration, 0, count)
	for range count {
		begin := time.Now()
		if err := exchange(conn, []byte("a small request")); err != nil {
			return err
		}
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	fmt.Println(times[len(times)/2].Microseconds())
	return nil
}

// throughput prints how many MB/s come down over so many streams together, in some seconds.
func throughput(address string, streams int64) error {
	const span = 4 * time.Second
	var total atomic.Int64
	var all sync.WaitGroup
	failures := make([]error, streams)
	begin := time.Now()
	for i := range streams {
		all.Go(func() {
			conn, err := dial("tcp", address)
			if err != nil {
				failures[i] = err
				return
			}
			defer conn.Close()
			fmt.Fprintln(conn, -1)
			buffer := make([]byte, 256<<10)
			conn.SetDeadline(begin.Add(span))
			for {
				size, err := conn.Read(buffer)
				total.Add(int64(size))
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	fmt.Println(total.Load() / int64(time.Since(begin).Milliseconds()) / 1000)
	return errors.Join(failures...)
}
