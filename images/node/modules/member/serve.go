// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/client/v3/concurrency"
)

const (
	addressKey  = "/skiff/api-address"
	leaseTime   = 3 * time.Second // after which a control plane that has died is followed by another
	checkPeriod = 500 * time.Millisecond
	patience    = 3 // checks in a row that may fail
)

// serve never ends by itself. Whatever goes wrong, the address is given up first.
func serve(ctx context.Context, self place) error {
	go func() { // when etcd goes down with this node, nobody answers any more
		<-ctx.Done()
		time.Sleep(checkPeriod)
		os.Exit(0)
	}()
	link, err := linkOf(self.address)
	if err != nil {
		return err
	}
	address := heldAddress{self.apiAddress, self.address, link}
	address.drop() // that a run before this one may have left
	client, err := dialSocket(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	hasten(ctx, client)
	if err := until(ctx, "settle", func(ctx context.Context) error { return settle(ctx, client, self) }); err != nil {
		return nil
	}
	if err := forget(ctx, client, self); err != nil {
		log.Printf("forget: %v", err)
	}
	api, err := newHealth(self, "/readyz/etcd")
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		if err := until(ctx, "api", api.check); err != nil {
			break
		}
		if err := hold(ctx, client, self, address, api); err != nil && ctx.Err() == nil {
			log.Printf("hold: %v", err)
			time.Sleep(pause)
		}
	}
	return nil
}

// forget ends the leases of runs before this one. A node that stops cannot always tell etcd, and nobody would have the
// address until they are over.
func forget(ctx context.Context, client *clientv3.Client, self place) error {
	limited, cancel := context.WithTimeout(ctx, paced(leaseTime))
	defer cancel()
	found, err := client.Get(limited, addressKey+"/", clientv3.WithPrefix())
	if err != nil {
		return err
	}
	for _, each := range found.Kvs {
		if string(each.Value) != self.name {
			continue
		}
		if _, err := client.Revoke(limited, clientv3.LeaseID(each.Lease)); err != nil {
			return err
		}
	}
	return nil
}

// hold waits for its turn, and has the address until the lease is lost or the API server does not answer.
func hold(ctx context.Context, client *clientv3.Client, self place, address heldAddress, api *health) error {
	session, err := concurrency.NewSession(client, concurrency.WithTTL(int(paced(leaseTime).Seconds())))
	if err != nil {
		return err
	}
	defer session.Close() // the next one's turn at once
	turn, cancel := context.WithCancel(ctx)
	defer cancel()
	won := make(chan error, 1)
	election := concurrency.NewElection(session, addressKey)
	go func() { won <- election.Campaign(turn, self.name) }()
	ticks := time.NewTicker(checkPeriod)
	defer ticks.Stop()
	failures := 0
	holds := false
	defer func() {
		if holds {
			address.drop()
			log.Printf("gave up %s", address.ip)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-session.Done():
			return fmt.Errorf("the lease has ended")
		case err := <-won:
			if err != nil {
				return err
			}
			if err := address.take(); err != nil {
				return err
			}
			holds = true
			log.Printf("holds %s", address.ip)
		case <-ticks.C:
			if err := api.check(ctx); err == nil {
				failures = 0
			} else if failures++; failures >= patience {
				return err
			}
			if holds {
				address.announce()
			}
		}
	}
}

// health is whether this node's API server says yes: to /readyz/etcd, that etcd has a majority behind it.
type health struct {
	client *http.Client
	url    string
}

func newHealth(self place, question string) (*health, error) {
	config, err := tlsConfig("apiserver-kubelet-client", "ca.crt")
	if err != nil {
		return nil, err
	}
	_, port, err := splitPort(self.api)
	if err != nil {
		return nil, err
	}
	return &health{&http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: paced(2 * time.Second)},
		"https://" + self.address + ":" + port + question}, nil
}

func (h *health) check(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url, nil)
	if err != nil {
		return err
	}
	answer, err := h.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", h.url, answer.Status)
	}
	return nil
}
