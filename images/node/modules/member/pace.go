// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"sync"
	"time"
)

// What all times here, etcd's and those of elections are multiplied by where QEMU plays the processors (its name for them
// tells): everything takes ten times as long there, and who is late would be taken for lost, for ever.
func paceOf(cpuinfo string) int {
	if strings.Contains(cpuinfo, "QEMU TCG") {
		return 10
	}
	return 1
}

var pace = sync.OnceValue(func() int {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return 1
	}
	return paceOf(string(text))
})

func paced(usual time.Duration) time.Duration { return usual * time.Duration(pace()) }
