// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"log"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// await is for the API server: etcd of this node votes, and has what every cluster has.
func await(ctx context.Context, self place) error {
	client, err := dialUsable(ctx, self)
	if err != nil {
		return err
	}
	defer client.Close()
	return letTheLeaderGoFirst(ctx, client, self)
}

// awaitTurn is for programs that stand by until they are elected: where etcd leads they start with the API server, elsewhere
// once the node's own is ready. Until then they would only take processors from what the cluster is waited for.
func awaitTurn(ctx context.Context, self place, program string) error {
	client, err := dialUsable(ctx, self)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := resign(ctx, client, self, program); err != nil {
		log.Printf("resign: %v", err) // it is then elected some seconds later
	}
	if first, err := leads(ctx, client); err != nil || first {
		return ctx.Err()
	}
	api, err := newHealth(self, "/readyz")
	if err != nil {
		return err
	}
	return until(ctx, "api", api.check)
}

// resign gives up what a program of this node was elected to in an earlier life, as nobody else would be until the lease is
// over: its Lease goes. A Lease that somebody writes meanwhile stays.
func resign(ctx context.Context, client *clientv3.Client, self place, program string) error {
	limited, cancel := context.WithTimeout(ctx, paced(2*time.Second))
	defer cancel()
	key := registry + "leases/kube-system/" + program
	found, err := client.Get(limited, key)
	if err != nil || len(found.Kvs) == 0 || !holds(found.Kvs[0].Value, self) {
		return err
	}
	unchanged := clientv3.Compare(clientv3.ModRevision(key), "=", found.Kvs[0].ModRevision)
	_, err = client.Txn(limited).If(unchanged).Then(clientv3.OpDelete(key)).Commit()
	return err
}

// holds is whether a Lease, as etcd has it, names a program of this node: its host's name, and something random behind it.
func holds(lease []byte, self place) bool {
	return bytes.Contains(lease, []byte(self.name+"_"))
}

// leads is whether this node's member is etcd's leader.
func leads(ctx context.Context, client *clientv3.Client) (bool, error) {
	status, err := client.Status(ctx, socket)
	if err != nil {
		return false, err
	}
	return status.Leader == status.Header.MemberId, nil
}

// letTheLeaderGoFirst holds this node's API server back until another one serves, or does not within some seconds. Several
// that start at once on one host all take as long as if each had waited for the others.
func letTheLeaderGoFirst(ctx context.Context, client *clientv3.Client, self place) error {
	limited, cancel := context.WithTimeout(ctx, paced(10*time.Second))
	defer cancel()
	if first, err := leads(limited, client); err != nil || first {
		return ctx.Err()
	}
	_ = until(limited, "the API", func(context.Context) error { return listens("tcp", self.api) })
	return ctx.Err()
}

// dialUsable waits for etcd of this node to be usable().
func dialUsable(ctx context.Context, self place) (*clientv3.Client, error) {
	client, err := dialSocket(ctx)
	if err != nil {
		return nil, err
	}
	if err := until(ctx, "await", func(ctx context.Context) error { return usable(ctx, client, self) }); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

func usable(ctx context.Context, client *clientv3.Client, self place) error {
	ctx, cancel := context.WithTimeout(ctx, paced(5*time.Second))
	defer cancel()
	found, err := client.Get(ctx, registry, clientv3.WithPrefix(), clientv3.WithCountOnly()) // a learner refuses
	if err != nil {
		return err
	}
	if found.Count == 0 && !self.founder && len(self.others) > 0 {
		return errors.New("the founder has written nothing yet")
	}
	return nil
}
