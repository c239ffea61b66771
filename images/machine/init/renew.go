// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Of the image that a disk's system is of; make-disk writes it.
const imageMark = "var/lib/skiff/image"

// What stays of a root file system whose system is replaced: the node's data, and where other file systems are mounted.
var kept = map[string]bool{"var": true, "lost+found": true, "dev": true, "proc": true, "sys": true, "run": true, "tmp": true}

// A word of the kernel's command line: a disk with an image is attached, too.
const renewWord = "skiff.renew"

// renewRoot replaces the system below root by that of the image's disk which the driver has attached, when the system is of
// another image: a container engine would make the container anew around its volume. A machine that loses its power in the
// middle does it again, as nothing of the system below root is needed for it.
func renewRoot(root string) error {
	line, err := os.ReadFile("/proc/cmdline")
	if err != nil || !slices.Contains(strings.Fields(string(line)), renewWord) {
		return err
	}
	device, err := findDisk(imageDisk)
	if err != nil {
		return err
	}
	const image = "/image"
	if err := mountAll([]mount{{device, image, "ext4", syscall.MS_RDONLY, "noload"}}); err != nil {
		return err
	}
	defer func() { _ = syscall.Unmount(image, 0) }()
	return renew(image, root)
}

func renew(image, root string) error {
	mark, err := os.ReadFile(filepath.Join(image, imageMark))
	if err != nil {
		return err
	}
	if before, err := os.ReadFile(filepath.Join(root, imageMark)); err == nil && string(before) == string(mark) {
		return nil
	}
	fmt.Println("machine: the system is renewed from another image")
	fresh := filepath.Join(root, ".renewed")
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := copyTree(image, fresh); err != nil {
		return fmt.Errorf("cannot renew the system: %w", err)
	}
	if err := exchange(fresh, root); err != nil {
		return fmt.Errorf("cannot renew the system: %w", err)
	}
	syscall.Sync()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(root, imageMark)), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, imageMark), mark, 0o644); err != nil {
		return err
	}
	syscall.Sync()
	return nil
}

// exchange moves what lies in fresh to root, in place of all that is there and not kept.
func exchange(fresh, root string) error {
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(root, entry.Name())
		if kept[entry.Name()] || path == fresh {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	if entries, err = os.ReadDir(fresh); err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.Rename(filepath.Join(fresh, entry.Name()), filepath.Join(root, entry.Name())); err != nil {
			return err
		}
	}
	return os.Remove(fresh)
}

// copyTree copies all of an image but what is kept: folders, files and links with owners and modes. Images have no extended
// attributes, and a file of several names becomes several.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if kept[name] {
			return filepath.SkipDir
		}
		return copyEntry(path, filepath.Join(to, name), entry)
	})
}

func copyEntry(from, to string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		err = os.Mkdir(to, 0o700)
	case info.Mode().IsRegular():
		err = copyFile(from, to)
	case info.Mode()&fs.ModeSymlink != 0:
		var target string
		if target, err = os.Readlink(from); err == nil {
			err = os.Symlink(target, to)
		}
	default:
		return nil // device nodes and the like are the kernel's to give
	}
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	if err := os.Lchown(to, int(owner.Uid), int(owner.Gid)); err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil
	}
	if err := syscall.Chmod(to, owner.Mode&0o7777); err != nil { // after the owner, whose change takes rights away
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	_, err = io.Copy(target, source)
	return err
}
