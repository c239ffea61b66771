// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// What the driver says about this machine: the first file on the disk that brings the node's files.
type machine struct {
	Name        string `json:"name"`
	Mac         string `json:"mac"`     // of the card in the cluster's network
	Address     string `json:"address"` // "192.168.80.2/24"
	Gateway     string `json:"gateway"`
	MTU         int    `json:"mtu"`
	Port        int    `json:"port"`        // where commands are served
	Certificate string `json:"certificate"` // the one identity that both sides of such a connection must show
	Key         string `json:"key"`

	// Of a second card, behind ports of a host whose networks nobody else reaches; empty = there is none.
	PublishedMac     string `json:"publishedMac"`
	PublishedAddress string `json:"publishedAddress"`
}

const machineFile = "machine.json"

// readTree puts the node's files in place and returns the machine's description, which stays off the disk.
func readTree() (*machine, error) {
	device, err := findDisk(treeDisk)
	if err != nil {
		return nil, err
	}
	disk, err := os.Open(device)
	if err != nil {
		return nil, err
	}
	defer disk.Close()
	archive := tar.NewReader(disk)
	header, err := archive.Next()
	if err != nil || header.Name != machineFile {
		return nil, fmt.Errorf("the disk %s does not begin with %s: %w", treeDisk, machineFile, err)
	}
	description := new(machine)
	if err := json.NewDecoder(archive).Decode(description); err != nil {
		return nil, err
	}
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return description, nil
		}
		if err != nil {
			return nil, err
		}
		if err := unpack(header, archive); err != nil {
			return nil, err
		}
	}
}

func unpack(header *tar.Header, content io.Reader) error {
	path := filepath.Join("/", header.Name)
	if header.Typeflag == tar.TypeDir {
		return os.MkdirAll(path, os.FileMode(header.Mode))
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, os.FileMode(header.Mode))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := file.Chmod(os.FileMode(header.Mode)); err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return err
}

// The node's name servers are its programs' too, as a container engine would have it.
func useNameServers() error {
	if err := os.Remove("/etc/resolv.conf"); err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.Symlink("/etc/skiff/resolv.conf", "/etc/resolv.conf")
}

// applyDescription gives the machine its name, its network and a few limits that suit a node.
func applyDescription(description *machine) error {
	if err := syscall.Sethostname([]byte(description.Name)); err != nil {
		return err
	}
	address, err := configureNetwork(description)
	if err != nil {
		return fmt.Errorf("no network: %w", err)
	}
	hosts := fmt.Sprintf("127.0.0.1\tlocalhost\n::1\tlocalhost\n%s\t%s\n", address, description.Name)
	for path, content := range map[string]string{
		"/etc/hosts":    hosts,
		"/etc/hostname": description.Name + "\n",
		// Every watch of kubelet, containerd and the pods counts against these.
		"/proc/sys/fs/inotify/max_user_instances": "8192",
		"/proc/sys/fs/inotify/max_user_watches":   "524288",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return useNameServers()
}

// growRoot makes the file system as large as its disk, which may be larger than the image.
func growRoot() {
	device, err := findDisk(rootDisk)
	if err != nil {
		return
	}
	if out, err := exec.Command("resize2fs", device).CombinedOutput(); err != nil && !errors.Is(err, exec.ErrNotFound) {
		fmt.Printf("machine: the root file system keeps its size: %v: %s\n", err, out)
	}
}
