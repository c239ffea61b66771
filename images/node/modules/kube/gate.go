// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// A component that starts before it can work backs off, and loses seconds. The gate holds it, loaded and initialised,
// until what it needs is there. Two environment variables, set by the service's run script, describe the need:
//
//	GATE_FILE     a path that must exist
//	GATE_REQUEST  a path of the API that must answer 200 to the identity in GATE_KUBECONFIG
//
// Only an answer counts: the API server's socket accepts connections long before it serves. There is no time limit, as a
// worker may well be up before its control plane; SIGTERM ends the process as always.
const gateInterval = 50 * time.Millisecond

func waitAtGate() {
	if path := os.Getenv("GATE_FILE"); path != "" {
		waitForFile(path)
	}
	if path := os.Getenv("GATE_REQUEST"); path != "" {
		client, server := clientFor(os.Getenv("GATE_KUBECONFIG"))
		waitForAnswer(client, server+path)
	}
}

func waitForFile(path string) {
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		time.Sleep(gateInterval)
	}
}

func clientFor(kubeconfig string) (*http.Client, string) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		log.Fatalf("gate: %v", err)
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		log.Fatalf("gate: %v", err)
	}
	return client, config.Host
}

// waitForAnswer asks again and again on one kept connection, and logs each answer that differs from the one before.
func waitForAnswer(client *http.Client, url string) {
	started := time.Now()
	last := ""
	for {
		answer := ask(client, url)
		if answer != last {
			log.Printf("gate: %s after %d ms: %s", url, time.Since(started).Milliseconds(), answer)
			last = answer
		}
		if answer == "200 OK" {
			return
		}
		time.Sleep(gateInterval)
	}
}

func ask(client *http.Client, url string) string {
	response, err := client.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // a body left unread would close the connection
	return response.Status
}
