// SPDX-License-Identifier: Apache-2.0

// skiff-policy enforces NetworkPolicies on its node: upstream's controller, which is asked about the first packet of each
// connection from or to a pod that a policy selects. Before the kernel has shown that it can ask, nothing is changed.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/kube-network-policies/pkg/networkpolicy"

	"skiff.dev/skiff-policy/queue"
)

var (
	node       = flag.String("node", "", "the name of this node")
	kubeconfig = flag.String("kubeconfig", "", "how to reach the API")
	state      = flag.String("state", "", "the file that tells whether policies are enforced, and else why not")
)

func main() {
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	if err := queue.Find(); err != nil {
		tell("the kernel cannot hand packets to a program: " + err.Error())
		<-ctx.Done() // starting again would find the same kernel
		return
	}
	tell("enforced")
	if err := enforce(ctx); err != nil {
		log.Fatal(err)
	}
}

// tell writes the whole file at once: who waits for it reads it as soon as it is there.
func tell(text string) {
	log.Print("policies: ", text)
	if err := os.WriteFile(*state+".new", []byte(text+"\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	if err := os.Rename(*state+".new", *state); err != nil {
		log.Fatal(err)
	}
}

func enforce(ctx context.Context) error {
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	// Smaller than JSON; and an empty list of rules, which forbids all, arrives as none, as the controller expects it.
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := await(ctx, client); err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	controller, err := networkpolicy.NewController(client, factory.Networking().V1().NetworkPolicies(),
		factory.Core().V1().Namespaces(), factory.Core().V1().Pods(), nil, nil, nil, nil,
		networkpolicy.Config{NodeName: *node, NetfilterBug1766Fix: true, NRIdisabled: true})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	return controller.Run(ctx)
}

// await returns when the API answers this very identity: an informer that comes too early backs off for seconds.
func await(ctx context.Context, client kubernetes.Interface) error {
	const between = 200 * time.Millisecond
	for {
		_, err := client.NetworkingV1().NetworkPolicies("").List(ctx, metav1.ListOptions{Limit: 1})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(between):
		}
	}
}
