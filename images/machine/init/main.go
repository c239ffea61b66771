// SPDX-License-Identifier: Apache-2.0

// The first process of a node that is a virtual machine. The kernel starts it from the initramfs; it makes out of the
// machine what a container engine makes out of a container: root file system, mounts, files of the node, name and network.
// Then it runs /sbin/skiff-init as the first process of a process space of its own, serves commands and streams to the
// driver, and turns the machine off when skiff-init has ended.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if os.Args[0] == nodeRole {
		becomeNode()
	}
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := run(); err != nil {
		fmt.Println("machine:", err)
	}
	powerOff()
}

func run() error {
	if err := enterRoot(); err != nil {
		return err
	}
	description, err := readTree()
	if err != nil {
		return err
	}
	if err := applyDescription(description); err != nil {
		return err
	}
	go growRoot()
	node, err := startNode(description.Port)
	if err != nil {
		return err
	}
	go watchPowerButton(node)
	go func() {
		if err := serve(description, node); err != nil {
			fmt.Println("machine: no commands can be run here:", err)
		}
	}()
	return node.wait()
}

// powerOff does not come back. All processes of the node have ended before.
func powerOff() {
	syscall.Sync()
	if err := syscall.Mount("", "/", "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		fmt.Println("machine: the root file system stays writable:", err)
		syscall.Sync()
	}
	tellStopped()
	if err := syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF); err != nil {
		fmt.Println("machine: cannot turn off:", err)
	}
	select {}
}
