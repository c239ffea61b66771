// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// fakeAPI records what is written and answers with what it was given.
type fakeAPI struct {
	made    []volume
	removed []string
	events  []map[string]any
	refuse  int // status for new volumes
	class   string
	nodes   string
}

func (f *fakeAPI) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	switch {
	case request.Method == "GET" && request.URL.Path == classes+"standard":
		answer.Write([]byte(f.class))
	case request.Method == "GET" && request.URL.Path == "/api/v1/nodes":
		answer.Write([]byte(f.nodes))
	case request.Method == "POST" && request.URL.Path == volumes:
		if f.refuse != 0 {
			answer.WriteHeader(f.refuse)
			return
		}
		var v volume
		json.NewDecoder(request.Body).Decode(&v)
		f.made = append(f.made, v)
	case request.Method == "POST":
		var event map[string]any
		json.NewDecoder(request.Body).Decode(&event)
		if slices.ContainsFunc(f.events, func(old map[string]any) bool {
			return reflect.DeepEqual(old["metadata"], event["metadata"])
		}) {
			answer.WriteHeader(http.StatusConflict)
			return
		}
		f.events = append(f.events, event)
	case request.Method == "DELETE":
		f.removed = append(f.removed, request.URL.Path)
	default:
		answer.WriteHeader(http.StatusNotFound)
	}
}

func setUp(t *testing.T) (*keeper, *fakeAPI) {
	t.Helper()
	fake := &fakeAPI{
		class: `{"reclaimPolicy":"Delete","volumeBindingMode":"WaitForFirstConsumer","mountOptions":["noexec"]}`,
		nodes: `{"items":[{},{}]}`,
	}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &keeper{"lab-w1", t.TempDir(), &api{server.URL, server.Client(), token}}, fake
}

func waiting() claim {
	var c claim
	c.Metadata = metadata{Name: "data", Namespace: "shop", UID: "42",
		Annotations: map[string]string{provisionerAnnotation: provisioner, nodeAnnotation: "lab-w1"}}
	c.Spec.Class = "standard"
	c.Spec.AccessModes = []string{"ReadWriteOnce"}
	c.Spec.Resources.Requests = map[string]string{"storage": "1Gi"}
	return c
}

func TestAClaimGetsAFolderThatEverybodyMayWrite(t *testing.T) {
	keeper, fake := setUp(t)
	if err := keeper.claim(context.Background(), waiting()); err != nil {
		t.Fatal(err)
	}
	if len(fake.made) != 1 || fake.made[0].Spec.ClaimRef.UID != "42" || fake.made[0].Spec.ReclaimPolicy != "Delete" {
		t.Fatalf("made %+v", fake.made)
	}
	if !slices.Equal(fake.made[0].Spec.MountOptions, []string{"noexec"}) {
		t.Errorf("mount options: %v", fake.made[0].Spec.MountOptions)
	}
	info, err := os.Stat(fake.made[0].Spec.Local.Path)
	if err != nil || info.Mode().Perm() != 0o777 {
		t.Fatalf("folder: %v, %v", info, err)
	}
}

func TestClaimsOfOthersAreLeftAlone(t *testing.T) {
	for name, change := range map[string]func(*claim){
		"another node":        func(c *claim) { c.Metadata.Annotations[nodeAnnotation] = "lab-w2" },
		"another provisioner": func(c *claim) { c.Metadata.Annotations[provisionerAnnotation] = "else" },
		"no pod yet":          func(c *claim) { delete(c.Metadata.Annotations, nodeAnnotation) },
		"bound":               func(c *claim) { c.Spec.VolumeName = "pvc-42" },
		"leaving":             func(c *claim) { c.Metadata.DeletionTimestamp = "2026-01-01T00:00:00Z" },
	} {
		keeper, fake := setUp(t)
		c := waiting()
		change(&c)
		if err := keeper.claim(context.Background(), c); err != nil || len(fake.made) != 0 {
			t.Errorf("%s: %v, made %+v", name, err, fake.made)
		}
	}
}

func TestASecondSightOfAClaimIsNoError(t *testing.T) {
	keeper, fake := setUp(t)
	fake.refuse = http.StatusConflict
	if err := keeper.claim(context.Background(), waiting()); err != nil || len(fake.events) != 0 {
		t.Fatalf("%v, events %v", err, fake.events)
	}
}

func TestTroubleIsSaidOnTheClaimOnceAndTriedAgain(t *testing.T) {
	keeper, fake := setUp(t)
	fake.refuse = http.StatusInternalServerError
	for range 2 {
		if err := keeper.claim(context.Background(), waiting()); err == nil {
			t.Fatal("no error, so no second try")
		}
	}
	if len(fake.events) != 1 {
		t.Fatalf("events %v", fake.events)
	}
}

// claimLike is a waiting claim whose spec has further fields, read as the API writes them.
func claimLike(t *testing.T, fields string) claim {
	t.Helper()
	c := waiting()
	text := `{"storageClassName":"standard","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"volumeMode":"Filesystem"}`
	if fields != "" {
		text = text[:len(text)-1] + "," + fields + "}"
	}
	c.Spec = claimSpec{}
	if err := json.Unmarshal([]byte(text), &c.Spec); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatAFolderCannotBeIsRefusedWithTheReason(t *testing.T) {
	for fields, reason := range map[string]string{
		`"volumeMode":"Block"`: "not block devices",
		`"dataSource":{"kind":"PersistentVolumeClaim","name":"other"}`:                                "PersistentVolumeClaim 'other'",
		`"dataSourceRef":{"kind":"PersistentVolumeClaim","name":"other","namespace":"elsewhere"}`:     "PersistentVolumeClaim 'other'",
		`"dataSource":{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"monday"}`: "VolumeSnapshot 'monday'",
		`"dataSourceRef":{"apiGroup":"populator.example.org","kind":"Hello","name":"x"}`:              "waiting for a populator of Hello.populator.example.org",
		`"selector":{"matchLabels":{"a":"b"}}`:                                                        "spec.selector",
		`"volumeAttributesClassName":"gold"`:                                                          "spec.volumeAttributesClassName",
		`"comesWithALaterKubernetes":true`:                                                            "spec.comesWithALaterKubernetes",
		`"accessModes":["ReadWriteOnce","ReadWriteMany"]`:                                             "ReadWriteMany is not possible",
		`"accessModes":["ReadOnlyMany"]`:                                                              "ReadOnlyMany is not possible",
	} {
		keeper, fake := setUp(t)
		for range 2 {
			if err := keeper.claim(context.Background(), claimLike(t, fields)); err != nil {
				t.Errorf("%s: %v", fields, err)
			}
		}
		if len(fake.made) != 0 || len(fake.events) != 1 || !strings.Contains(fake.events[0]["message"].(string), reason) {
			t.Errorf("%s: made %v, events %v", fields, fake.made, fake.events)
		}
	}
}

func TestWhatAFolderCanBeIsServed(t *testing.T) {
	for _, fields := range []string{"", `"accessModes":["ReadWriteOncePod"]`} {
		keeper, fake := setUp(t)
		if err := keeper.claim(context.Background(), claimLike(t, fields)); err != nil || len(fake.made) != 1 || len(fake.events) != 0 {
			t.Errorf("%q: %v, made %v, events %v", fields, err, fake.made, fake.events)
		}
	}
	keeper, fake := setUp(t)
	fake.nodes = `{"items":[{}]}`
	if err := keeper.claim(context.Background(), claimLike(t, `"accessModes":["ReadWriteMany"]`)); err != nil || len(fake.made) != 1 {
		t.Errorf("the only node: %v, made %v, events %v", err, fake.made, fake.events)
	}
}

func TestAClassThatIsNotUnderstoodIsRefused(t *testing.T) {
	keeper, fake := setUp(t)
	fake.class = `{"volumeBindingMode":"WaitForFirstConsumer","parameters":{"type":"ssd"}}`
	if err := keeper.claim(context.Background(), waiting()); err != nil || len(fake.made) != 0 || len(fake.events) != 1 {
		t.Errorf("parameters: %v, made %v, events %v", err, fake.made, fake.events)
	}

	keeper, fake = setUp(t)
	fake.class = `{"volumeBindingMode":"Immediate"}`
	c := waiting()
	delete(c.Metadata.Annotations, nodeAnnotation)
	if err := keeper.claim(context.Background(), c); err != nil || len(fake.made) != 0 || len(fake.events) != 1 ||
		!strings.Contains(fake.events[0]["message"].(string), "WaitForFirstConsumer") {
		t.Errorf("Immediate: %v, made %v, events %v", err, fake.made, fake.events)
	}
	fake.nodes, fake.events = `{"items":[{}]}`, nil
	if err := keeper.claim(context.Background(), c); err != nil || len(fake.made) != 1 || len(fake.events) != 0 {
		t.Errorf("Immediate on the only node: %v, made %v, events %v", err, fake.made, fake.events)
	}
}

func TestAFolderGoesWithItsClaimUnlessItIsToBeKept(t *testing.T) {
	keeper, fake := setUp(t)
	v := keeper.volumeFor(waiting(), class{ReclaimPolicy: "Delete"})
	if err := os.MkdirAll(filepath.Join(v.Spec.Local.Path, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	v.Status.Phase = "Bound"
	keep := v
	keep.Status.Phase, keep.Spec.ReclaimPolicy = "Released", "Retain"
	for _, kept := range []volume{v, keep} {
		if err := keeper.volume(context.Background(), kept); err != nil || len(fake.removed) != 0 {
			t.Fatalf("%v, removed %v", err, fake.removed)
		}
	}
	v.Status.Phase = "Released"
	if err := keeper.volume(context.Background(), v); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(v.Spec.Local.Path); !os.IsNotExist(err) || len(fake.removed) != 1 {
		t.Fatalf("%v, removed %v", err, fake.removed)
	}
}
