// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Serial numbers that the driver gives to the machine's disks.
const (
	rootDisk  = "skiff-root"
	treeDisk  = "skiff-tree"
	imageDisk = "skiff-image" // of a machine that began with another image
)

type mount struct {
	source, target, kind string
	flags                uintptr
	data                 string
}

const safe = syscall.MS_NOSUID | syscall.MS_NODEV

func mountAll(mounts []mount) error {
	for _, m := range mounts {
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
		if err := syscall.Mount(m.source, m.target, m.kind, m.flags, m.data); err != nil {
			return fmt.Errorf("cannot mount %s: %w", m.target, err)
		}
	}
	return nil
}

// enterRoot loads the drivers that the root file system needs and makes it the root of this process.
func enterRoot() error {
	const root = "/root"
	if err := mountAll([]mount{
		{"dev", "/dev", "devtmpfs", syscall.MS_NOSUID, "mode=755"},
		{"proc", "/proc", "proc", safe | syscall.MS_NOEXEC, ""},
		{"sys", "/sys", "sysfs", safe | syscall.MS_NOEXEC, ""},
	}); err != nil {
		return err
	}
	if err := useConsole(); err != nil {
		return err
	}
	if err := loadModules("/modules"); err != nil {
		return err
	}
	disk, err := findDisk(rootDisk)
	if err != nil {
		return err
	}
	if err := mountAll([]mount{{disk, root, "ext4", syscall.MS_NOATIME, ""}}); err != nil {
		return err
	}
	if err := renewRoot(root); err != nil {
		return err
	}
	if err := mountAll([]mount{
		{"/dev", root + "/dev", "", syscall.MS_MOVE, ""},
		{"/proc", root + "/proc", "", syscall.MS_MOVE, ""},
		{"/sys", root + "/sys", "", syscall.MS_MOVE, ""},
	}); err != nil {
		return err
	}
	if err := syscall.Chdir(root); err != nil {
		return err
	}
	if err := syscall.Mount(".", "/", "", syscall.MS_MOVE, ""); err != nil {
		return err
	}
	// Kernel threads share this process's idea of the root: from now on they find modprobe there.
	if err := syscall.Chroot("."); err != nil {
		return err
	}
	if err := mountAll([]mount{
		{"devpts", "/dev/pts", "devpts", syscall.MS_NOSUID | syscall.MS_NOEXEC, "gid=5,mode=620,ptmxmode=666"},
		{"shm", "/dev/shm", "tmpfs", safe, "mode=1777"},
		{"run", "/run", "tmpfs", safe, "mode=755"},
		{"tmp", "/tmp", "tmpfs", safe, "mode=1777"},
		{"cgroup", "/sys/fs/cgroup", "cgroup2", safe | syscall.MS_NOEXEC, "nsdelegate"},
	}); err != nil {
		return err
	}
	for name, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		_ = os.Symlink(target, "/dev/"+name)
	}
	// What only some kernels have is no reason to stop.
	_ = mountAll([]mount{
		{"mqueue", "/dev/mqueue", "mqueue", safe | syscall.MS_NOEXEC, ""},
		{"bpf", "/sys/fs/bpf", "bpf", safe | syscall.MS_NOEXEC, "mode=700"},
	})
	return handOutControllers()
}

// useConsole makes the machine's console this process's output; the kernel had none to give before /dev was there.
func useConsole() error {
	console, err := os.OpenFile("/dev/console", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	for fd := range 3 {
		if err := syscall.Dup2(int(console.Fd()), fd); err != nil {
			return err
		}
	}
	return nil
}

// loadModules inserts the kernel modules of a folder in the order of their names.
func loadModules(folder string) error {
	files, err := filepath.Glob(folder + "/*.ko")
	if err != nil {
		return err
	}
	sort.Strings(files)
	for _, path := range files {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		const finitModule = 313 // x86-64
		empty := []byte{0}
		_, _, code := syscall.Syscall(finitModule, file.Fd(), uintptr(unsafe.Pointer(&empty[0])), 0)
		file.Close()
		if code != 0 && code != syscall.EEXIST {
			return fmt.Errorf("cannot load %s: %w", path, code)
		}
	}
	return nil
}

// findDisk waits for the disk with that serial number: its driver may still be looking at it.
func findDisk(serial string) (string, error) {
	for range 2000 {
		files, _ := filepath.Glob("/sys/block/vd*/serial")
		for _, path := range files {
			content, _ := os.ReadFile(path)
			device := "/dev/" + strings.Split(path, "/")[3]
			if _, err := os.Stat(device); err == nil && string(bytes.TrimSpace(content)) == serial {
				return device, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return "", fmt.Errorf("there is no disk %s", serial)
}

// handOutControllers lets the node's groups use every resource controller that the kernel has.
func handOutControllers() error {
	const group = "/sys/fs/cgroup/"
	controllers, err := os.ReadFile(group + "cgroup.controllers")
	if err != nil {
		return err
	}
	for _, name := range strings.Fields(string(controllers)) {
		if err := os.WriteFile(group+"cgroup.subtree_control", []byte("+"+name), 0); err != nil {
			fmt.Printf("machine: no controller %s: %v\n", name, err)
		}
	}
	return nil
}
