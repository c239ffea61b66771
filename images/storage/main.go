// SPDX-License-Identifier: Apache-2.0

// Command storage gives persistent volume claims a folder on the node to which their pod was scheduled. It runs on every
// node and looks after its own folders: one is made when a claim selects this node, and removed with its claim.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	api, err := inCluster()
	if err != nil {
		log.Fatal(err)
	}
	keeper := &keeper{node: os.Getenv("NODE"), root: os.Getenv("ROOT"), api: api}
	log.Printf("looking after %s on %s", keeper.root, keeper.node)

	var lists atomic.Int32 // how many collections were seen as a whole
	go follow(api, claims, keeper.claim, &lists)
	go follow(api, volumes, keeper.volume, &lists)
	http.HandleFunc("/ready", func(answer http.ResponseWriter, _ *http.Request) {
		if lists.Load() < 2 {
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// follow hands every object of a collection to seen, now and whenever it changes. It adds one to lists when it has done so
// for the first time.
func follow[T any](api *api, collection string, seen func(context.Context, T) error, lists *atomic.Int32) {
	var once sync.Once
	for {
		err := watch(context.Background(), api, collection, seen, func() { once.Do(func() { lists.Add(1) }) })
		if err != nil {
			log.Printf("watching %s: %v", collection, err)
		}
		time.Sleep(time.Second) // the API asks its clients not to come back at once
	}
}
