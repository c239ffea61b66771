// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

// On a file system that ends with the node's run, as the mounts do.
const recordFolder = "/run/skiff/mounts"

// Kubelet waits for this file where the node's configuration says that folders are to come.
const readyFile = "/run/skiff/mounted"

// record is what is known of one folder that is mounted here.
type record struct {
	Source string `json:"source"` // as the host calls it
	Target string `json:"target"`
	Made   string `json:"made,omitempty"`   // topmost folder that was made for the target; removed with it
	Holder int    `json:"holder,omitempty"` // process that keeps the mount; 0: it stays until it is removed
}

// node is the one in whose mount namespace this thread is.
type node struct {
	folder string // of the records
	// A descriptor of the /proc that knows this thread: of a helper, that of the node does not.
	processes int
}

func (n *node) file(target string) string {
	return filepath.Join(n.folder, url.PathEscape(target)+".json")
}

func (n *node) find(target string) (record, bool) {
	text, err := os.ReadFile(n.file(target))
	if err != nil {
		return record{}, false
	}
	var found record
	return found, json.Unmarshal(text, &found) == nil
}

func (n *node) write(r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(n.folder, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(n.file(r.Target)+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(n.file(r.Target)+".new", n.file(r.Target))
}

// list has what is mounted, by target, without what somebody has unmounted by hand.
func (n *node) list() []record {
	found := []record{}
	files, _ := filepath.Glob(n.folder + "/*.json")
	for _, file := range files {
		text, err := os.ReadFile(file)
		var r record
		if err == nil && json.Unmarshal(text, &r) == nil && n.isMountPoint(r.Target) {
			found = append(found, r)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Target < found[j].Target })
	return found
}

// remove takes the folder away, also from under processes that use it: those keep what they have open. Nothing there
// is a success, so that it may be repeated.
func (n *node) remove(target string) error {
	r, known := n.find(target)
	if !known {
		return nil
	}
	if n.isMountPoint(target) {
		if err := syscall.Unmount(target, syscall.MNT_DETACH); err != nil {
			return &os.PathError{Op: "unmount", Path: target, Err: err}
		}
	}
	removeMade(target, r.Made)
	_ = os.Remove(n.file(target))
	// Only a process of the node itself sets a holder, so none of this run's own binds has one.
	if r.Holder > 0 && r.Holder != os.Getpid() && isHolder(r.Holder, target) {
		_ = syscall.Kill(r.Holder, syscall.SIGTERM)
	}
	return nil
}

func isHolder(process int, target string) bool {
	words, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/cmdline")
	return err == nil && strings.HasSuffix(string(words), "\x00hold\x00"+target+"\x00")
}

// hold keeps the mount until its input ends, and then takes it away; so whoever made it need not live to do so. It
// says "held" when it does, and ends by itself when somebody else takes the mount away.
func (n *node) hold(target string) error {
	r, known := n.find(target)
	if !known || !n.isMountPoint(target) {
		return &fault{exitAbsent, "nothing is mounted at " + target}
	}
	removed := make(chan os.Signal, 1)
	signal.Notify(removed, syscall.SIGTERM)
	r.Holder = os.Getpid()
	if err := n.write(r); err != nil {
		return err
	}
	os.Stdout.WriteString("held\n")
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case <-ended:
		if now, _ := n.find(target); now.Holder != r.Holder {
			return nil // unmounted by hand meanwhile, and perhaps mounted anew
		}
		return n.remove(target)
	case <-removed:
		return &fault{exitAbsent, target + " was unmounted"}
	}
}

// admit says whether `source` may come to `target`, beside what is there. True: it is there already.
func (n *node) admit(source, target string) (bool, error) {
	for _, other := range n.list() {
		switch {
		case other.Target == target && other.Source == source:
			return true, nil
		case other.Target == target:
			return false, unsuited("%s is mounted at %s already", other.Source, target)
		case within(target, other.Target):
			return false, unsuited("%s lies in %s, where %s is mounted", target, other.Target, other.Source)
		case within(other.Target, target):
			return false, unsuited("%s would cover %s, where %s is mounted", target, other.Target, other.Source)
		}
	}
	return false, nil
}

// makeFolder makes the target; the topmost folder that was not there before, or "".
func makeFolder(target string) (string, error) {
	made := ""
	for path := target; path != "/"; path = filepath.Dir(path) {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			break
		}
		made = path
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, os.ErrExist) {
			return "", unsuited("%s is a file in the node, or lies below one", target)
		}
		return "", err
	}
	if real, err := filepath.EvalSymlinks(target); err != nil || real != target {
		removeMade(target, made)
		return "", unsuited("%s is a link to %s in the node", target, real)
	}
	return made, nil
}

// removeMade takes back the folders that were made for a target, as far as they are empty.
func removeMade(target, made string) {
	for path := target; made != "" && within(path, made); path = filepath.Dir(path) {
		if os.Remove(path) != nil {
			return
		}
	}
}

// within: the folder itself, or below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// The kernel's list of this thread's mounts writes spaces and the like as octal numbers.
var mountEscapes = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

func (n *node) isMountPoint(target string) bool {
	descriptor, err := syscall.Openat(n.processes, "thread-self/mountinfo", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	file := os.NewFile(uintptr(descriptor), "mountinfo")
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 4 && mountEscapes.Replace(fields[4]) == target {
			return true
		}
	}
	return false
}
