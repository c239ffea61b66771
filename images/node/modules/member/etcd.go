// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

const (
	pki      = "/etc/kubernetes/pki/"
	dataDir  = "/var/lib/etcd/member"
	ranFile  = "/run/skiff/etcd-ran" // gone with the node's processes
	leaving  = "/run/skiff/leaving"  // the node is about to be removed
	newcomer = "/run/skiff/newcomer" // its etcd has joined, and was not seen at work yet
	socket   = "unix:///run/etcd.sock"
	registry = "/registry/"
	pause    = 50 * time.Millisecond // nothing in etcd tells of what is waited for here
)

func tlsConfig(certificate, authority string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(pki+certificate+".crt", pki+certificate+".key")
	if err != nil {
		return nil, err
	}
	pem, err := os.ReadFile(pki + authority)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots}, nil
}

// listens is asked before a client is made: one that finds nobody waits longer and longer before it tries again.
func listens(network, address string) error {
	connection, err := net.DialTimeout(network, address, paced(300*time.Millisecond))
	if err == nil {
		connection.Close()
	}
	return err
}

// dialSocket waits for etcd of this node to listen.
func dialSocket(ctx context.Context) (*clientv3.Client, error) {
	err := until(ctx, "etcd", func(context.Context) error { return listens("unix", strings.TrimPrefix(socket, "unix://")) })
	if err != nil {
		return nil, err
	}
	return clientv3.New(clientv3.Config{Endpoints: []string{socket}, Logger: zap.NewNop()})
}

func dialOther(address string) (*clientv3.Client, error) {
	if err := listens("tcp", net.JoinHostPort(address, "2379")); err != nil {
		return nil, err
	}
	config, err := tlsConfig("etcd/server", "etcd/ca.crt")
	if err != nil {
		return nil, err
	}
	return clientv3.New(clientv3.Config{Endpoints: []string{clientURL(address)}, TLS: config, Logger: zap.NewNop()})
}

// askOthers calls `ask` with one other control plane after the other, until one agrees.
func askOthers(ctx context.Context, others []string, patience time.Duration, ask func(context.Context, *clientv3.Client) error) error {
	failures := []error{errors.New("no other control plane")}
	for _, address := range others {
		err := func() error {
			client, err := dialOther(address)
			if err != nil {
				return err
			}
			defer client.Close()
			limited, cancel := context.WithTimeout(ctx, patience)
			defer cancel()
			return ask(limited, client)
		}()
		if err == nil {
			return nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", address, err))
	}
	return errors.Join(failures...)
}

// until tries again and again, and logs each failure that differs from the one before.
func until(ctx context.Context, what string, try func(context.Context) error) error {
	last := ""
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if text := strings.ReplaceAll(err.Error(), "\n", "; "); text != last {
			log.Printf("%s: %s", what, text)
			last = text
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// join has data to go on with, begins a cluster, or becomes a learner of the one that the others have.
func join(ctx context.Context, self place) error {
	if exists(leaving) {
		<-ctx.Done()
		return ctx.Err()
	}
	again := exists(ranFile)
	if err := os.WriteFile(ranFile, nil, 0o600); err != nil {
		return err
	}
	removed := exists(dataDir) && again && wasRemoved(ctx, self)
	if removed {
		log.Printf("the others have this member no more: it joins anew")
		if err := os.RemoveAll(dataDir); err != nil {
			return err
		}
	}
	if exists(dataDir) || (self.founder && !removed) {
		fmt.Printf("new %s=%s\n", self.name, self.peerURL()) // of no account where there are data
		return nil
	}
	cluster := ""
	err := until(ctx, "join", func(ctx context.Context) error {
		return askOthers(ctx, self.others, paced(3*time.Second), func(ctx context.Context, other *clientv3.Client) error {
			var err error
			cluster, err = becomeLearner(ctx, other, self)
			return err
		})
	})
	if err != nil {
		return err
	}
	fmt.Println("existing", cluster)
	return os.WriteFile(newcomer, nil, 0o600)
}

// hasten starts a newcomer's etcd anew when it does not get to work: what it has told the leader may come back to it
// within the leader's snapshot, where it does not look for the answer, and it would tell it again after seven seconds.
func hasten(ctx context.Context, client *clientv3.Client) {
	if !exists(newcomer) {
		return
	}
	limited, cancel := context.WithTimeout(ctx, paced(1500*time.Millisecond))
	defer cancel()
	_, err := client.Status(limited, socket)
	_ = os.Remove(newcomer)
	if err != nil && ctx.Err() == nil {
		log.Printf("etcd starts anew: %v", err)
		_ = exec.Command("s6-svc", "-r", "/run/service/etcd").Run()
	}
}

// wasRemoved asks only when etcd has ended in this life of the node: at a start the others may not be there yet.
func wasRemoved(ctx context.Context, self place) bool {
	removed := false
	err := askOthers(ctx, self.others, paced(2*time.Second), func(ctx context.Context, other *clientv3.Client) error {
		members, err := other.MemberList(ctx)
		if err == nil {
			removed = memberAt(members.Members, self.peerURL()) == nil
		}
		return err
	})
	return err == nil && removed
}

func memberAt(members []*pb.Member, url string) *pb.Member {
	for _, member := range members {
		if slices.Contains(member.PeerURLs, url) {
			return member
		}
	}
	return nil
}

func becomeLearner(ctx context.Context, other *clientv3.Client, self place) (string, error) {
	known, err := other.MemberList(ctx)
	if err != nil {
		return "", err
	}
	if err := reachable(known.Members); err != nil {
		return "", err
	}
	// A member of this address whose data are gone can never come back.
	if stale := memberAt(known.Members, self.peerURL()); stale != nil {
		if _, err := other.MemberRemove(ctx, stale.ID); err != nil {
			return "", err
		}
	}
	added, err := other.MemberAddAsLearner(ctx, []string{self.peerURL()})
	if err != nil {
		return "", err
	}
	return initialCluster(added.Members, self), nil
}

// reachable is false of a cluster whose only member has not told its address in the network yet.
func reachable(members []*pb.Member) error {
	for _, member := range members {
		for _, url := range member.PeerURLs {
			if strings.Contains(url, "//127.0.0.1:") {
				return fmt.Errorf("%s is not open to others yet", member.Name)
			}
		}
	}
	return nil
}

// initialCluster is what etcd wants to be told of its cluster: all members by name, itself as the one without.
func initialCluster(members []*pb.Member, self place) string {
	var pairs []string
	for _, member := range members {
		name := member.Name
		if name == "" && slices.Contains(member.PeerURLs, self.peerURL()) {
			name = self.name
		}
		for _, url := range member.PeerURLs {
			pairs = append(pairs, name+"="+url)
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}

// settle makes this node's member one that votes, under its address in the network.
func settle(ctx context.Context, client *clientv3.Client, self place) error {
	limited, cancel := context.WithTimeout(ctx, paced(5*time.Second))
	defer cancel()
	status, err := client.Status(limited, socket)
	if err != nil {
		return err
	}
	id := status.Header.MemberId
	if status.IsLearner {
		return askOthers(ctx, self.others, paced(3*time.Second), func(ctx context.Context, other *clientv3.Client) error {
			_, err := other.MemberPromote(ctx, id)
			return err
		})
	}
	members, err := client.MemberList(limited)
	if err != nil || memberAt(members.Members, self.peerURL()) != nil {
		return err
	}
	_, err = client.MemberUpdate(limited, id, []string{self.peerURL()})
	return err
}

// eachMember calls `do` for the members that this node's etcd knows, until it fails.
func eachMember(ctx context.Context, do func(*clientv3.Client, *pb.Member) error) error {
	client, err := dialSocket(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	members, err := client.MemberList(ctx)
	if err != nil {
		return err
	}
	for _, member := range members.Members {
		if err := do(client, member); err != nil {
			return err
		}
	}
	return nil
}

func list(ctx context.Context) error {
	return eachMember(ctx, func(_ *clientv3.Client, member *pb.Member) error {
		kind := "voter"
		if member.IsLearner {
			kind = "learner"
		}
		fmt.Println(member.Name, kind, strings.Join(member.PeerURLs, ","))
		return nil
	})
}

// remove needs both: a member that never came to run has no name yet.
func remove(ctx context.Context, name, address string) error {
	return eachMember(ctx, func(client *clientv3.Client, member *pb.Member) error {
		if member.Name != name && !slices.Contains(member.PeerURLs, peerURL(address)) {
			return nil
		}
		_, err := client.MemberRemove(ctx, member.ID)
		return err
	})
}
