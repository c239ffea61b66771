// SPDX-License-Identifier: Apache-2.0

// Command registry is the CNCF's registry with storage on the file system alone: no cloud's driver is compiled in.
package main

import (
	"fmt"
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

func main() {
	registry.RootCmd.AddCommand(forwardCommand())
	if err := registry.RootCmd.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
