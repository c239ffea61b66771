// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// other is a process with a mount namespace of its own, as a node's first process is.
func other(t *testing.T) member {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mount namespaces need root")
	}
	// A tmpfs in the place of /run, and of /etc, in which a node keeps what it is called.
	script := `mount --make-rprivate / && mount -t tmpfs none /run && mount -t tmpfs none /etc &&
mkdir /etc/skiff /run/skiff && echo "NODE='lab-w1'" > /etc/skiff/node.env && echo ready && cat`
	command := exec.Command("sh", "-c", script)
	command.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	in, _ := command.StdinPipe()
	out, _ := command.StdoutPipe()
	if err := command.Start(); err != nil {
		t.Skip("no mount namespace: " + err.Error())
	}
	t.Cleanup(func() { in.Close(); _ = command.Wait() })
	word := make([]byte, 6)
	if _, err := io.ReadFull(out, word); err != nil {
		t.Skip("no mounts in a namespace of this test's own")
	}
	return member{"lab-w1", command.Process.Pid}
}

func folderOf(t *testing.T, at, target string) folder {
	t.Helper()
	var here syscall.Stat_t
	if err := syscall.Stat(at, &here); err != nil {
		t.Fatal(err)
	}
	return folder{at, at, target, uint64(here.Dev), here.Ino}
}

// seen is what the other process finds at a path.
func seen(t *testing.T, m member, path string) string {
	t.Helper()
	text := "nothing"
	if err := m.inside(func(*node) error {
		if read, err := os.ReadFile(path); err == nil {
			text = string(read)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return text
}

func listed(t *testing.T, m member) (found []record) {
	t.Helper()
	if err := m.inside(func(n *node) error { found = n.list(); return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

func source(t *testing.T) string {
	t.Helper()
	at := t.TempDir()
	if err := os.WriteFile(at+"/page", []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAFolderAppearsInARunningNodeAndGoesWithoutATrace(t *testing.T) {
	m := other(t)
	at := source(t)
	wanted := plan{[]folder{folderOf(t, at, "/run/data/deep er")}, []member{m}}
	if err := wanted.carryOut(); err != nil {
		t.Fatal(err)
	}
	if got := seen(t, m, "/run/data/deep er/page"); got != "one" {
		t.Fatalf("the node sees %q", got)
	}
	if err := os.WriteFile(at+"/page", []byte("two"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := seen(t, m, "/run/data/deep er/page"); got != "two" {
		t.Fatalf("the node sees %q", got)
	}
	if err := wanted.carryOut(); err != nil {
		t.Fatalf("once more: %v", err)
	}
	if got := listed(t, m); len(got) != 1 || got[0].Source != at || got[0].Made != "/run/data" {
		t.Fatalf("listed: %v", got)
	}
	if err := m.inside(func(n *node) error { return n.remove("/run/data/deep er") }); err != nil {
		t.Fatal(err)
	}
	if err := m.inside(func(*node) error { _, err := os.Stat("/run/data"); return err }); !os.IsNotExist(err) {
		t.Fatalf("the folder is left: %v", err)
	}
	if got := listed(t, m); len(got) != 0 {
		t.Fatalf("listed: %v", got)
	}
	if _, err := os.Stat(at + "/page"); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotBeMountedLeavesNothing(t *testing.T) {
	m := other(t)
	at := source(t)
	good := folderOf(t, at, "/run/good")
	elsewhere := folderOf(t, at, "/run/elsewhere")
	elsewhere.Inode++
	if err := m.inside(func(*node) error {
		_ = os.WriteFile("/run/file", nil, 0o644)
		return os.Symlink("/run", "/run/link")
	}); err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct {
		bad  folder
		says string
	}{
		{folderOf(t, at, "/run/good"), ""},
		{folderOf(t, at, "/run/good/inner"), "lies in"},
		{folderOf(t, "/usr", "/run/good"), "already"},
		{folderOf(t, at, "/run"), "would cover"},
		{folderOf(t, at, "/run/file"), "is a file"},
		{folderOf(t, at, "/run/file/below"), "is a file"},
		{folderOf(t, at, "/run/link/x"), "is a link"},
		{elsewhere, "another folder"},
	} {
		err := plan{[]folder{good, each.bad}, []member{m}}.carryOut()
		if each.says == "" {
			if err != nil {
				t.Fatal(err)
			}
			if err := m.inside(func(n *node) error { return n.remove("/run/good") }); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), each.says) {
			t.Errorf("%s: %v, want %q", each.bad.Target, err, each.says)
		}
		if got := listed(t, m); len(got) != 0 {
			t.Errorf("%s: listed: %v", each.bad.Target, got)
		}
		if seen(t, m, "/run/good/page") != "nothing" || seen(t, m, "/run/x/page") != "nothing" {
			t.Errorf("%s: something is left", each.bad.Target)
		}
	}
}

func TestAFailureInOneNodeIsTakenBackInTheOthers(t *testing.T) {
	first, gone := other(t), other(t)
	gone.Name = "lab-w2" // the process is another node's by now
	err := plan{[]folder{folderOf(t, source(t), "/run/data")}, []member{first, gone}}.carryOut()
	if err == nil || !strings.Contains(err.Error(), "does not run any more") {
		t.Fatalf("got %v", err)
	}
	if got := listed(t, first); len(got) != 0 {
		t.Fatalf("listed: %v", got)
	}
}

func TestARecordOfWhatSomebodyHasUnmountedIsNone(t *testing.T) {
	m := other(t)
	wanted := plan{[]folder{folderOf(t, source(t), "/run/data")}, []member{m}}
	if err := wanted.carryOut(); err != nil {
		t.Fatal(err)
	}
	if err := m.inside(func(*node) error { return syscall.Unmount("/run/data", 0) }); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, m); len(got) != 0 {
		t.Fatalf("listed: %v", got)
	}
	if err := wanted.carryOut(); err != nil || len(listed(t, m)) != 1 {
		t.Fatalf("once more: %v, %v", err, listed(t, m))
	}
}

func TestHoldAndUnknownTargets(t *testing.T) {
	n := &node{filepath.Join(t.TempDir(), "none"), -1}
	if err := n.remove("/data"); err != nil {
		t.Fatal(err)
	}
	if err := n.hold("/data"); err == nil || err.(*fault).code != exitAbsent {
		t.Fatalf("got %v", err)
	}
	if got := n.list(); len(got) != 0 {
		t.Fatalf("listed: %v", got)
	}
}
