// SPDX-License-Identifier: Apache-2.0

// echo is both ends of the tests of forwards. `echo serve` answers in a pod: 7001/tcp and 7001/udp give back what they
// get, 7002/tcp takes bytes to their end and answers with their hash, 7003/tcp takes a number and sends so many bytes,
// or zeros without end for -1.
// The other commands (client.go) ask it, and fail unless every byte is right.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) == 2 && os.Args[1] == "serve" {
		serve()
		return
	}
	if err := ask(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

// bytesOf is an endless stream, always the same.
func bytesOf() io.Reader { return rand.NewChaCha8([32]byte{}) }

func hashOf(count int64) string {
	hash := sha256.New()
	io.CopyN(hash, bytesOf(), count)
	return hex.EncodeToString(hash.Sum(nil))
}

func serve() {
	go listen(":7001", func(c *net.TCPConn) { io.Copy(c, c) })
	go listen(":7002", sum)
	go listen(":7003", source)
	go echoDatagrams(":7001")
	// PID 1 of a container has no default action for signals.
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.SIGINT, syscall.SIGTERM)
	<-received
}

func listen(at string, handle func(*net.TCPConn)) {
	listener, err := net.Listen("tcp", at)
	if err != nil {
		log.Fatal(err)
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer conn.Close()
			handle(conn.(*net.TCPConn))
		}()
	}
}

func sum(c *net.TCPConn) {
	hash := sha256.New()
	if _, err := io.Copy(hash, c); err == nil {
		fmt.Fprintln(c, hex.EncodeToString(hash.Sum(nil)))
	}
}

// source leaves its client's direction open: the client learns by the end of the stream alone that this was all.
func source(c *net.TCPConn) {
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return
	}
	count, _ := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	if count >= 0 {
		io.CopyN(c, bytesOf(), count)
		return
	}
	zeros := make([]byte, 256<<10)
	for err == nil {
		_, err = c.Write(zeros)
	}
}

func echoDatagrams(at string) {
	socket, err := net.ListenPacket("udp", at)
	if err != nil {
		log.Fatal(err)
	}
	buffer := make([]byte, 64<<10)
	for {
		size, from, err := socket.ReadFrom(buffer)
		if err != nil {
			log.Fatal(err)
		}
		socket.WriteTo(buffer[:size], from)
	}
}
