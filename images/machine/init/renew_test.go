// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func put(t *testing.T, root, name, content string, mode uint32) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func content(root, name string) string {
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return "absent"
	}
	return string(text)
}

func expect(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, want := range files {
		if got := content(root, name); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
}

func images(t *testing.T) (image, root string) {
	image, root = t.TempDir(), t.TempDir()
	put(t, image, imageMark, "new", 0o644)
	put(t, image, "usr/bin/tool", "new tool", 0o4755)
	put(t, image, "var/lib/data", "the image's", 0o644)
	put(t, image, "run/pid", "1", 0o644)
	if err := os.Symlink("usr/bin", filepath.Join(image, "bin")); err != nil {
		t.Fatal(err)
	}
	put(t, root, imageMark, "old", 0o644)
	put(t, root, "usr/bin/tool", "old tool", 0o755)
	put(t, root, "opt/old", "gone", 0o644)
	put(t, root, "var/lib/data", "the node's", 0o644)
	return image, root
}

func TestASystemIsReplacedAroundTheNodesData(t *testing.T) {
	image, root := images(t)
	if err := renew(image, root); err != nil {
		t.Fatal(err)
	}
	expect(t, root, map[string]string{
		imageMark: "new", "usr/bin/tool": "new tool", "bin/tool": "new tool", "opt/old": "absent", "var/lib/data": "the node's",
		"run/pid": "absent",
	})
	info, err := os.Stat(filepath.Join(root, "usr/bin/tool"))
	if err != nil || info.Sys().(*syscall.Stat_t).Mode&0o7777 != 0o4755 {
		t.Errorf("the tool's rights are %v (%v)", info.Mode(), err)
	}
	if _, err := os.Lstat(filepath.Join(root, ".renewed")); err == nil {
		t.Error("the folder of the copy stays")
	}
}

func TestASystemOfThisImageStays(t *testing.T) {
	image, root := images(t)
	put(t, root, imageMark, "new", 0o644)
	if err := renew(image, root); err != nil {
		t.Fatal(err)
	}
	expect(t, root, map[string]string{"usr/bin/tool": "old tool", "opt/old": "gone"})
}

func TestWhatWasCutIsDoneAgain(t *testing.T) {
	image, root := images(t)
	put(t, root, ".renewed/usr/bin/half", "of before", 0o644)
	if err := os.RemoveAll(filepath.Join(root, "usr")); err != nil {
		t.Fatal(err)
	}
	if err := renew(image, root); err != nil {
		t.Fatal(err)
	}
	expect(t, root, map[string]string{"usr/bin/tool": "new tool", "usr/bin/half": "absent", imageMark: "new"})
}
