// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestGateOpensAtTheFirst200OnOneConnection(t *testing.T) {
	statuses := []int{http.StatusServiceUnavailable, http.StatusForbidden, http.StatusNotFound, http.StatusOK}
	asked := 0
	connections := map[string]bool{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		w.WriteHeader(statuses[asked])
		_, _ = w.Write([]byte("a body that must be read to its end"))
		asked++
	}))
	defer server.Close()

	waitForAnswer(server.Client(), server.URL+"/api/v1/nodes/n1")

	if asked != len(statuses) {
		t.Errorf("asked %d times, want %d", asked, len(statuses))
	}
	if len(connections) != 1 {
		t.Errorf("used %d connections, want 1", len(connections))
	}
}

func TestGateOutlivesAServerThatIsNotThere(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	url := "http://" + server.Listener.Addr().String()
	server.Listener.Close()

	if answer := ask(http.DefaultClient, url); answer == "200 OK" {
		t.Errorf("a closed port answered %q", answer)
	}
}

func TestGateWaitsForAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	go func() {
		time.Sleep(2 * gateInterval)
		_ = os.WriteFile(path, nil, 0o600)
	}()
	waitForFile(path)
	if _, err := os.Stat(path); err != nil {
		t.Error("the gate opened before the file was there")
	}
}
