// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

// plan is what one run of the helper does: every folder into every node.
type plan struct {
	Folders []folder `json:"folders"`
	Nodes   []member `json:"nodes"`
}

type folder struct {
	Source string `json:"source"` // as the host calls it
	At     string `json:"at"`     // where this container has it
	Target string `json:"target"`
	Device uint64 `json:"device"` // which folder the caller sees there
	Inode  uint64 `json:"inode"`
}

type member struct {
	Name    string `json:"name"`
	Process int    `json:"process"` // its first one, as the host counts
}

// System calls of Linux 5.2 and newer; from 424 on they have the same numbers everywhere.
const (
	sysOpenTree  = 428
	sysMoveMount = 429

	openTreeClone      = 1
	atRecursive        = 0x8000
	moveFromDescriptor = 4
)

const atWorkingFolder = -100

// One that the standard library has not for all of them.
var sysSetns = map[string]uintptr{"amd64": 308, "arm64": 268}

// carryOut leaves nothing of what it did when it fails.
func (p plan) carryOut() error {
	for _, f := range p.Folders {
		if err := f.check(); err != nil {
			return err
		}
	}
	var done []func()
	for _, m := range p.Nodes {
		undo, err := m.take(p.Folders)
		done = append(done, undo)
		if err != nil {
			for _, each := range done {
				each()
			}
			return err
		}
	}
	return nil
}

// check sees to it that the engine took the folder that was meant, not one of that name on another machine.
func (f folder) check() error {
	var here syscall.Stat_t
	if err := syscall.Stat(f.At, &here); err != nil {
		return &os.PathError{Op: "look at", Path: f.Source, Err: err}
	}
	if uint64(here.Dev) != f.Device || here.Ino != f.Inode {
		return &fault{exitElsewhere, "the engine has another folder of the name " + f.Source}
	}
	return nil
}

// take brings the folders into the node. What it returns first takes back what it did, be it successful or not.
func (m member) take(folders []folder) (func(), error) {
	if err := m.check(); err != nil {
		return func() {}, err
	}
	var made []string
	undo := func() {
		_ = m.inside(func(n *node) error {
			for _, target := range made {
				_ = n.remove(target)
			}
			return nil
		})
	}
	trees := make([]int, len(folders))
	for i, f := range folders {
		tree, err := openTree(f.At)
		if err != nil {
			return undo, fmt.Errorf("%s cannot be cloned: %w", f.Source, err)
		}
		defer syscall.Close(tree)
		trees[i] = tree
	}
	err := m.inside(func(n *node) error {
		for i, f := range folders {
			there, err := n.admit(f.Source, f.Target)
			if err != nil {
				return err
			}
			if there {
				continue
			}
			if err := n.mount(trees[i], record{Source: f.Source, Target: f.Target}); err != nil {
				return err
			}
			made = append(made, f.Target)
		}
		return os.WriteFile(readyFile, nil, 0o644)
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", m.Name, err)
	}
	return undo, err
}

// check: is the process still that of the node? Its number may be another's by now.
func (m member) check() error {
	settings, err := os.ReadFile(fmt.Sprintf("/proc/%d/root/etc/skiff/node.env", m.Process))
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(settings), "\n") {
		if name, is := strings.CutPrefix(line, "NODE="); is && strings.Trim(name, `'"`) == m.Name {
			return nil
		}
	}
	return errors.New(m.Name + " does not run any more")
}

// inside runs a function on a thread that is in the node's mount namespace, and that ends with it.
func (m member) inside(work func(*node) error) error {
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/mnt", m.Process))
	if err != nil {
		return err
	}
	defer namespace.Close()
	processes, err := os.Open("/proc")
	if err != nil {
		return err
	}
	defer processes.Close()
	result := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread is of no more use
		// A thread that shares its working folder with others may not change namespaces.
		if err := syscall.Unshare(syscall.CLONE_FS); err != nil {
			result <- os.NewSyscallError("unshare", err)
			return
		}
		if _, _, failure := syscall.Syscall(sysSetns[runtime.GOARCH], namespace.Fd(), syscall.CLONE_NEWNS, 0); failure != 0 {
			result <- os.NewSyscallError("setns", failure)
			return
		}
		result <- work(&node{recordFolder, int(processes.Fd())})
	}()
	return <-result
}

// mount puts the tree where the record says, and keeps the record.
func (n *node) mount(tree int, r record) error {
	made, err := makeFolder(r.Target)
	if err != nil {
		return err
	}
	r.Made = made
	if err := moveMount(tree, r.Target); err != nil {
		removeMade(r.Target, made)
		return &os.PathError{Op: "mount", Path: r.Target, Err: err}
	}
	if err := n.write(r); err != nil {
		_ = syscall.Unmount(r.Target, syscall.MNT_DETACH)
		removeMade(r.Target, made)
		return err
	}
	return nil
}

// openTree is a copy of what is mounted at the path, with all below it, and nowhere yet.
func openTree(path string) (int, error) {
	name, err := syscall.BytePtrFromString(filepath.Clean(path))
	if err != nil {
		return -1, err
	}
	here := atWorkingFolder
	flags := uintptr(openTreeClone | atRecursive | syscall.O_CLOEXEC)
	tree, _, failure := syscall.Syscall(sysOpenTree, uintptr(here), uintptr(unsafe.Pointer(name)), flags)
	if failure != 0 {
		return -1, failure
	}
	return int(tree), nil
}

func moveMount(tree int, target string) error {
	from, err := syscall.BytePtrFromString("")
	if err != nil {
		return err
	}
	to, err := syscall.BytePtrFromString(target)
	if err != nil {
		return err
	}
	here := atWorkingFolder
	_, _, failure := syscall.Syscall6(sysMoveMount, uintptr(tree), uintptr(unsafe.Pointer(from)), uintptr(here),
		uintptr(unsafe.Pointer(to)), moveFromDescriptor, 0)
	if failure != 0 {
		return failure
	}
	return nil
}
