// SPDX-License-Identifier: Apache-2.0

// skiff-mount makes folders of the nodes' host visible in nodes that run, as nothing else can: a container's own mounts
// are fixed when it is made. It has two sides.
//
// In a helper container that has the folders bound into it and sees the host's processes, "bind PLAN" clones those
// binds and moves the clones into the mount namespace of each node, as one change: all of it, or nothing.
//
// In a node it tells of the folders that are there (list), takes them away (remove), and keeps one for as long as
// somebody holds its standard input open (hold).
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// Exit codes beside 1, which is anything else.
const (
	exitUnsuited  = 2 // a target that cannot be mounted on, for a reason that the user can change
	exitElsewhere = 3 // the folder is not the one that the caller sees: another machine's, or another mount's
	exitAbsent    = 4 // nothing is mounted there
)

// fault is an error with an exit code of its own.
type fault struct {
	code int
	what string
}

func (f *fault) Error() string { return f.what }

func unsuited(format string, values ...any) error {
	return &fault{exitUnsuited, fmt.Sprintf(format, values...)}
}

func run(words []string) error {
	processes, err := os.Open("/proc")
	if err != nil {
		return err
	}
	defer processes.Close()
	here := &node{recordFolder, int(processes.Fd())}
	switch {
	case len(words) == 2 && words[0] == "bind":
		var wanted plan
		if err := json.Unmarshal([]byte(words[1]), &wanted); err != nil {
			return err
		}
		return wanted.carryOut()
	case len(words) == 1 && words[0] == "list":
		return json.NewEncoder(os.Stdout).Encode(here.list())
	case len(words) > 1 && words[0] == "remove":
		for _, target := range words[1:] {
			if err := here.remove(target); err != nil {
				return err
			}
		}
		return nil
	case len(words) == 2 && words[0] == "hold":
		return here.hold(words[1])
	}
	return errors.New("usage: skiff-mount bind PLAN | list | remove TARGET... | hold TARGET")
}

func main() {
	err := run(os.Args[1:])
	if err == nil {
		return
	}
	os.Stderr.WriteString(err.Error() + "\n")
	var known *fault
	if errors.As(err, &known) {
		os.Exit(known.code)
	}
	os.Exit(1)
}
