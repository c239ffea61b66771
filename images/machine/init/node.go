// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

const (
	nodeRole = "skiff-node"
	nodeInit = "/sbin/skiff-init"
	// Tells skiff-init the port on which commands are served, for its rules.
	commandPort = "COMMAND_PORT"

	begunFd = 3 // open until skiff-init is executed
	path    = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
)

// node is the process space in which skiff-init is the first process, as in a container: with it all others end.
type node struct {
	command *exec.Cmd
	spawn   chan func()
	once    sync.Once
}

// becomeNode is what the new process space's first process does before it is skiff-init.
func becomeNode() {
	syscall.CloseOnExec(begunFd)
	err := syscall.Mount("proc", "/proc", "proc", safe|syscall.MS_NOEXEC, "")
	if err == nil {
		err = syscall.Exec(nodeInit, []string{nodeInit},
			[]string{"PATH=" + path, "HOME=/root", "TERM=linux", commandPort + "=" + os.Getenv(commandPort)})
	}
	fmt.Println("machine: cannot run", nodeInit+":", err)
	os.Exit(1)
}

func startNode(port int) (*node, error) {
	if err := os.Setenv("PATH", path); err != nil {
		return nil, err
	}
	begun, begins, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer begun.Close()
	space := -1
	command := &exec.Cmd{
		Path: "/proc/self/exe", Args: []string{nodeRole}, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Dir: "/",
		Env:         []string{commandPort + "=" + strconv.Itoa(port)},
		ExtraFiles:  []*os.File{begins},
		SysProcAttr: &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Setsid: true, PidFD: &space},
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	begins.Close()
	_, _ = io.ReadAll(begun)

	started := &node{command: command, spawn: make(chan func())}
	joined := make(chan error)
	go started.spawner(space, joined)
	return started, <-joined
}

// spawner starts processes inside the node's space; only a thread that has joined it can.
func (n *node) spawner(space int, joined chan<- error) {
	runtime.LockOSThread()
	const setns = 308 // x86-64
	if _, _, code := syscall.Syscall(setns, uintptr(space), syscall.CLONE_NEWPID, 0); code != 0 {
		joined <- fmt.Errorf("cannot join the node's processes: %w", code)
		return
	}
	joined <- nil
	for start := range n.spawn {
		start()
	}
}

// start runs a command inside the node.
func (n *node) start(command *exec.Cmd) error {
	result := make(chan error)
	n.spawn <- func() { result <- command.Start() }
	return <-result
}

// stop asks skiff-init to end, as a container engine does.
func (n *node) stop() { n.once.Do(func() { _ = n.command.Process.Signal(syscall.SIGTERM) }) }

func (n *node) wait() error {
	err := n.command.Wait()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return fmt.Errorf("%s has ended: %w", nodeInit, err)
	}
	return err
}

// watchPowerButton stops the node when somebody presses the machine's button, say the host's own shutdown.
func watchPowerButton(n *node) {
	names, _ := filepath.Glob("/sys/class/input/event*/device/name")
	for _, name := range names {
		content, _ := os.ReadFile(name)
		if strings.TrimSpace(string(content)) != "Power Button" {
			continue
		}
		button, err := os.Open("/dev/input/" + strings.Split(name, "/")[4])
		if err != nil {
			return
		}
		defer button.Close()
		if _, err := button.Read(make([]byte, 24)); err == nil {
			n.stop()
		}
		return
	}
}
