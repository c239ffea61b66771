// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"log"
	"net"

	"github.com/spf13/cobra"
)

// forwardCommand runs beside the registry's own commands, on nodes where the registry is not.
func forwardCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "forward <address>",
		Short: "Pass connections to port 5000 on to an address",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, arguments []string) error { return forward(":5000", arguments[0]) },
	}
}

// forward returns only when it cannot listen.
func forward(from, to string) error {
	listener, err := net.Listen("tcp", from)
	if err != nil {
		return err
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		go join(client, to)
	}
}

// join copies both ways until both have ended.
func join(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		log.Print(err)
		return
	}
	defer server.Close()
	sent := make(chan struct{})
	go func() {
		pass(server, client)
		close(sent)
	}()
	pass(client, server)
	<-sent
}

// pass copies one way, and passes the end on.
func pass(to, from net.Conn) {
	io.Copy(to, from) // a broken connection is an end like any other
	if half, ok := to.(*net.TCPConn); ok {
		half.CloseWrite()
	}
}
