// SPDX-License-Identifier: Apache-2.0

// Package api stands for containerd's of the same name: what the policy controller names of it, and never uses, as it is
// told to learn of pods from the API alone. The real one brings an interpreter for WebAssembly.
package api

type (
	Container       struct{}
	ContainerUpdate struct{}

	LinuxNamespace struct{ Type, Path string }

	LinuxPodSandbox struct{}

	PodSandbox struct{ Linux *LinuxPodSandbox }
)

func (*LinuxPodSandbox) GetNamespaces() []*LinuxNamespace { return nil }

func (*PodSandbox) GetIps() []string     { return nil }
func (*PodSandbox) GetName() string      { return "" }
func (*PodSandbox) GetNamespace() string { return "" }
