// SPDX-License-Identifier: Apache-2.0

// Package routing has what is changed in Traefik's provider for Ingress objects of class nginx (see ../overlay): the order in
// which rules are tried, and a word on the Ingress that is refused.
package routing

import (
	"context"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// Priority orders rules as Kubernetes says ("Multiple matches" and "Hostname wildcards" of its page on Ingress): a host before
// a wildcard, and that before no host; then the longest path; of two that are equally long, Exact before Prefix. The
// three numbers below an answer are free, for the canaries of that rule.
func Priority(host, path string, exact bool) int {
	const longest = 4095 // far more than a path in use
	rank := 2
	switch {
	case host == "":
		rank = 0
	case strings.HasPrefix(host, "*."):
		rank = 1
	}
	if !exact { // as a prefix, /a/ and /a are the same
		path = strings.TrimSuffix(path, "/")
	}
	priority := (rank*(longest+1) + min(len(path), longest)) * 2
	if exact {
		priority++
	}
	return priority*4 + 4
}

var trailingGroup = regexp.MustCompile(`^(.*)/(\([^()]*\))$`)

// OptionalSlash makes /original/(.*) match /original as well, with an empty group; no other expression is changed.
func OptionalSlash(path string) string {
	return trailingGroup.ReplaceAllString(path, "$1(?:/$2|$$)")
}

// TellRefused puts an event on an Ingress that is left out, once while the API keeps it (an hour). It returns at once;
// without the right to write events nothing is told, but in the log as ever.
func TellRefused(client kubernetes.Interface, ingress *netv1.Ingress, reason error) {
	event := refusal(ingress, reason)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_, _ = client.CoreV1().Events(event.Namespace).Create(ctx, event, metav1.CreateOptions{})
	}()
}

func refusal(ingress *netv1.Ingress, reason error) *corev1.Event {
	content := fnv.New64a()
	fmt.Fprint(content, ingress.UID, ingress.Generation, reason)
	now := metav1.Now()
	return &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("%.200s.%x", ingress.Name, content.Sum64()), Namespace: ingress.Namespace},
		InvolvedObject: corev1.ObjectReference{APIVersion: "networking.k8s.io/v1", Kind: "Ingress",
			Namespace: ingress.Namespace, Name: ingress.Name, UID: ingress.UID},
		Type: corev1.EventTypeWarning, Reason: "Rejected", Message: "Nothing of this Ingress is served: " + reason.Error(),
		Source: corev1.EventSource{Component: "ingress-nginx-controller"}, FirstTimestamp: now, LastTimestamp: now, Count: 1,
	}
}
