// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

const identity = "/var/run/secrets/kubernetes.io/serviceaccount/" // where kubelet puts it

// api speaks to the Kubernetes API as this pod's service account.
type api struct {
	server string
	http   *http.Client
	token  string // the file's path: kubelet writes a new one from time to time
}

func inCluster() (*api, error) {
	authority, err := os.ReadFile(identity + "ca.crt")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	server := "https://" + net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	return &api{server, &http.Client{Transport: transport}, identity + "token"}, nil
}

// refusal is an answer of the API that is no success.
type refusal struct {
	code    int
	message string
}

func (r refusal) Error() string { return fmt.Sprintf("%d: %s", r.code, r.message) }

func isCode(err error, code int) bool {
	var r refusal
	return errors.As(err, &r) && r.code == code
}

// open sends a request and returns the body of a successful answer.
func (a *api) open(ctx context.Context, method, path string, body io.Reader) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, method, a.server+path, body)
	if err != nil {
		return nil, err
	}
	token, err := os.ReadFile(a.token)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	request.Header.Set("Content-Type", "application/json")
	answer, err := a.http.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 300 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	var status struct {
		Message string `json:"message"`
	}
	json.NewDecoder(answer.Body).Decode(&status) // without a message the code has to do
	return nil, refusal{answer.StatusCode, status.Message}
}

// call sends in, if any, as JSON and decodes the answer into out, if any.
func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	answer, err := a.open(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer).Decode(out)
}

// watch lists a collection, then follows its changes until the API ends the stream, or for a while only after seen has
// failed, so that it gets to see the object again. Objects that were deleted are not handed to seen.
func watch[T any](ctx context.Context, a *api, collection string, seen func(context.Context, T) error, listed func()) error {
	const retry = 10 * time.Second
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	handle := func(object T) {
		if err := seen(ctx, object); err != nil {
			log.Print(err)
			time.AfterFunc(retry, cancel)
		}
	}
	var list struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
		Items []T `json:"items"`
	}
	if err := a.call(ctx, "GET", collection, nil, &list); err != nil {
		return err
	}
	for _, object := range list.Items {
		handle(object)
	}
	listed()
	stream, err := a.open(watching, "GET", collection+"?watch=true&resourceVersion="+list.Metadata.ResourceVersion, nil)
	if err != nil {
		return err
	}
	defer stream.Close()
	for events := json.NewDecoder(stream); ; {
		var event struct {
			Type   string          `json:"type"`
			Object json.RawMessage `json:"object"`
		}
		if err := events.Decode(&event); err != nil {
			if errors.Is(err, io.EOF) || watching.Err() != nil {
				return nil
			}
			return err
		}
		if event.Type == "ERROR" {
			return fmt.Errorf("the watch ended: %s", event.Object)
		}
		if event.Type != "ADDED" && event.Type != "MODIFIED" {
			continue
		}
		var object T
		if err := json.Unmarshal(event.Object, &object); err != nil {
			return err
		}
		handle(object)
	}
}
