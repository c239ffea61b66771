// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

func TestStandingObjectsAreReadableAndHoldWhatProxiesNeed(t *testing.T) {
	puts, err := standingObjects()
	if err != nil {
		t.Fatal(err)
	}
	decoder := legacyscheme.Codecs.UniversalDeserializer()
	found := map[string]runtime.Object{}
	for _, put := range puts {
		object, _, err := decoder.Decode(put.ValueBytes(), nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", put.KeyBytes(), err)
		}
		found[string(put.KeyBytes())] = object
	}
	binding, there := found["/registry/clusterrolebindings/system:node-proxier"].(*rbacv1.ClusterRoleBinding)
	if !there || binding.UID == "" || binding.RoleRef.Name != "system:node-proxier" {
		t.Errorf("the binding of kube-proxy's role is %v", binding)
	}
	if _, there := found["/registry/rolebindings/kube-system/system::extension-apiserver-authentication-reader"]; !there {
		t.Error("the bindings in kube-system are missing")
	}
}
