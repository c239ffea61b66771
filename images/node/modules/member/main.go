// SPDX-License-Identifier: Apache-2.0

// skiff-member: a control plane's place among several. Run in a node by its services, and by skiff:
//
//	join     prints how this node's etcd is to start ("new|existing <initial cluster>"), once it is a member
//	await    returns when this node's etcd votes and has the objects that every cluster has
//	turn     returns when a program that stands by may start, given its name; it does not run meanwhile
//	serve    makes a learner vote, then holds the address of the API while this node's API server answers
//	pace     prints what the times of this node are to be multiplied by
//	remove   takes the member of another node out of etcd, by its name and address; there is none = success
//	list     the members, one a line: name, "voter" or "learner", address
//
// What it needs to know stands in /etc/skiff/node.env (kube/node/node_tree.h).
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(log.Ldate | log.Ltime | log.Lmicroseconds)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "skiff-member:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, words []string) error {
	text, err := os.ReadFile("/etc/skiff/node.env")
	if err != nil {
		return err
	}
	self, err := parsePlace(string(text))
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, paced(10*time.Second))
	defer cancel()
	switch {
	case len(words) == 1 && words[0] == "join":
		return join(ctx, self)
	case len(words) == 1 && words[0] == "await":
		return await(ctx, self)
	case len(words) == 2 && words[0] == "turn":
		return awaitTurn(ctx, self, words[1])
	case len(words) == 1 && words[0] == "serve":
		return serve(ctx, self)
	case len(words) == 1 && words[0] == "pace":
		fmt.Println(pace())
		return nil
	case len(words) == 1 && words[0] == "list":
		return list(limited)
	case len(words) == 3 && words[0] == "remove":
		return remove(limited, words[1], words[2])
	}
	return fmt.Errorf("say join, await, turn PROGRAM, serve, pace, list, or remove NAME ADDRESS")
}
