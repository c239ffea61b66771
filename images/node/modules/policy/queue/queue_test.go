// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"os"
	"runtime"
	"testing"

	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
	"golang.org/x/sys/unix"
)

func TestTheTargetIsLaidOutAsTheKernelReadsIt(t *testing.T) {
	info := *target(0x0102, true).(*expr.Target).Info.(*xt.Unknown)
	if len(info) != 8 || info[2]+info[3] != 1 || info[4]+info[5] != 1 || info[0]+info[1] != 3 {
		t.Fatalf("%v", info)
	}
}

func TestOneOfTheExpressionsIsFound(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("a network namespace of one's own takes root")
	}
	runtime.LockOSThread() // never unlocked: the thread ends with its namespace
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip(err)
	}
	if err := Find(); err != nil {
		t.Skip(err) // so this kernel has none
	}
	if err := tryRule(chosen); err != nil {
		t.Fatal(err)
	}
}
