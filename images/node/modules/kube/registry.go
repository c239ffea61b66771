// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

// A new API server makes the standing roles and bindings one after the other, two requests each, and until the last of them
// is there it refuses kubelets, proxies and controllers. fillRegistry writes the same objects into an empty etcd in a few
// transactions before the API server starts; it then finds them, and still checks and mends them as always.
//
// REGISTRY, set by the service's run script, is etcd's address.
func fillRegistry() {
	address := os.Getenv("REGISTRY")
	if address == "" {
		return
	}
	started := time.Now()
	written, err := writeStandingObjects(address)
	if err != nil {
		log.Printf("registry: left to the API server: %v", err)
		return
	}
	log.Printf("registry: %d objects in %d ms", written, time.Since(started).Milliseconds())
}

func writeStandingObjects(address string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{address}, Context: ctx})
	if err != nil {
		return 0, err
	}
	defer client.Close()

	present, err := client.Get(ctx, "/registry/", clientv3.WithPrefix(), clientv3.WithCountOnly())
	if err != nil || present.Count > 0 {
		return 0, err
	}
	puts, err := standingObjects()
	if err != nil {
		return 0, err
	}
	const limit = 128 // etcd's, for one transaction
	for first := 0; first < len(puts); first += limit {
		if _, err := client.Txn(ctx).Then(puts[first:min(first+limit, len(puts))]...).Commit(); err != nil {
			return first, err
		}
	}
	return len(puts), nil
}

// standingObjects are the roles and bindings of Kubernetes' own policy, as the API server stores them.
func standingObjects() ([]clientv3.Op, error) {
	objects := map[string]metav1.Object{}
	for _, role := range append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...) {
		objects["clusterroles/"+role.Name] = &role
	}
	for _, binding := range append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...) {
		objects["clusterrolebindings/"+binding.Name] = &binding
	}
	for namespace, roles := range bootstrappolicy.NamespaceRoles() {
		for _, role := range roles {
			objects["roles/"+namespace+"/"+role.Name] = &role
		}
	}
	for namespace, bindings := range bootstrappolicy.NamespaceRoleBindings() {
		for _, binding := range bindings {
			objects["rolebindings/"+namespace+"/"+binding.Name] = &binding
		}
	}

	now := metav1.Now()
	var puts []clientv3.Op
	for key, object := range objects {
		object.SetUID(uuid.NewUUID())
		object.SetCreationTimestamp(now)
		stored, err := encode(object.(runtime.Object))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		puts = append(puts, clientv3.OpPut("/registry/"+key, string(stored)))
	}
	return puts, nil
}

func encode(object runtime.Object) ([]byte, error) {
	kinds, _, err := legacyscheme.Scheme.ObjectKinds(object)
	if err != nil {
		return nil, err
	}
	storage, _ := runtime.SerializerInfoForMediaType(legacyscheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	return runtime.Encode(legacyscheme.Codecs.EncoderForVersion(storage.Serializer, kinds[0].GroupVersion()), object)
}
