// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"net"
	"testing"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
)

const env = `NODE='lab-cp2'
ROLE='control-plane'
ADDRESS='192.168.80.3'
API_SERVER='192.168.80.254:6443'
API_ADDRESS='192.168.80.254'
CONTROL_PLANES='192.168.80.2 192.168.80.4'
`

func TestAPlaceIsWhatTheNodeWasTold(t *testing.T) {
	self, err := parsePlace(env)
	if err != nil || self.name != "lab-cp2" || len(self.others) != 2 || self.founder {
		t.Errorf("read %+v, %v", self, err)
	}
	if self.peerURL() != "https://192.168.80.3:2380" {
		t.Errorf("its peers find it at %s", self.peerURL())
	}
	if founder, _ := parsePlace(env + "ETCD_FOUNDER='yes'\n"); !founder.founder {
		t.Error("the founder was not told so")
	}
	if _, err := parsePlace("NODE='lab-cp1'\nADDRESS='192.168.80.2'\n"); err == nil {
		t.Error("the only control plane has a place among several")
	}
}

func TestTheOneWithoutANameIsItself(t *testing.T) {
	self, _ := parsePlace(env)
	members := []*pb.Member{
		{Name: "", PeerURLs: []string{"https://192.168.80.3:2380"}, IsLearner: true},
		{Name: "lab-cp1", PeerURLs: []string{"https://192.168.80.2:2380"}},
	}
	const want = "lab-cp1=https://192.168.80.2:2380,lab-cp2=https://192.168.80.3:2380"
	if got := initialCluster(members, self); got != want {
		t.Errorf("the cluster is %s", got)
	}
	if memberAt(members, self.peerURL()) != members[0] || memberAt(members, "https://192.168.80.9:2380") != nil {
		t.Error("a member is not found by its address")
	}
}

func TestASingleMemberIsJoinedOnceItToldItsAddress(t *testing.T) {
	alone := []*pb.Member{{Name: "lab-cp1", PeerURLs: []string{"https://127.0.0.1:2380"}}}
	if reachable(alone) == nil {
		t.Error("others would look for it in themselves")
	}
	alone[0].PeerURLs[0] = "https://192.168.80.2:2380"
	if err := reachable(alone); err != nil {
		t.Error(err)
	}
}

func TestAnAnnouncementAsksForItsOwnAddress(t *testing.T) {
	hardware := net.HardwareAddr{2, 0x42, 0xc0, 0xa8, 0x50, 3}
	packet := announcement(hardware, net.ParseIP("192.168.80.254"))
	if len(packet) != 28 || !bytes.Equal(packet[8:14], hardware) || !bytes.Equal(packet[14:18], packet[24:28]) {
		t.Errorf("announced %x", packet)
	}
}

func TestALeaseIsThisNodesByItsHoldersName(t *testing.T) {
	self, _ := parsePlace(env)
	for holder, want := range map[string]bool{"lab-cp2_027e48f1": true, "lab-cp1_027e48f1": false, "lab-cp21_027e48f1": false, "": false} {
		if got := holds([]byte("k8s\x00\x0a\x10"+holder+"\x10\x0a"), self); got != want {
			t.Errorf("a lease of %q is this node's: %v", holder, got)
		}
	}
}

func TestOnlyEmulatedProcessorsAreSlow(t *testing.T) {
	for name, want := range map[string]int{"QEMU TCG CPU version 2.5+": 10, "QEMU Virtual CPU version 2.5+": 1, "Intel(R) Xeon(R)": 1} {
		if got := paceOf("model name\t: " + name + "\n"); got != want {
			t.Errorf("%s: %d", name, got)
		}
	}
}
