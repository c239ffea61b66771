// SPDX-License-Identifier: Apache-2.0

// hello is the tutorial's application: it answers every request on port 7070 with a greeting and a number that is
// fixed for the life of the process, so that one sees which pod answered.
package main

import (
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	greeting := fmt.Sprintf("Hello world (ID: %d)\n", rand.IntN(1_000_000))
	http.HandleFunc("/", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(answer, greeting)
	})
	go exitOn(syscall.SIGINT, syscall.SIGTERM)
	log.Fatal(http.ListenAndServe(":7070", nil))
}

// exitOn ends the process at the first of these signals: PID 1 of a container has no default action for them.
func exitOn(signals ...os.Signal) {
	received := make(chan os.Signal, 1)
	signal.Notify(received, signals...)
	<-received
	os.Exit(0)
}
