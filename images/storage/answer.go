// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"log"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// answer is what a claim is told instead of being given a folder: an event, which `kubectl describe` shows.
type answer struct {
	kind, reason, message string
}

func refused(message string) answer { return answer{"Warning", "ProvisioningFailed", message} }

const immediate = "its StorageClass has volumeBindingMode Immediate, but with several nodes a folder is made on that of the pod: " +
	"use a class with volumeBindingMode WaitForFirstConsumer, such as 'standard'"

// What a claim may ask for. Any other field would be a promise that a folder does not keep.
var served = []string{"accessModes", "dataSource", "dataSourceRef", "resources", "storageClassName", "volumeMode", "volumeName"}

// answerTo is nil for a claim that a folder satisfies. Pure.
func answerTo(c claim, of class) *answer {
	told := func(a answer) *answer { return &a }
	source := c.Spec.DataSourceRef
	if source == nil {
		source = c.Spec.DataSource
	}
	switch {
	case source != nil && source.Group != "" && source.Group != "snapshot.storage.k8s.io":
		// By Kubernetes' agreement on volume populators, the one that knows this kind fills a volume and binds it here.
		return told(answer{"Normal", "WaitForPopulator", fmt.Sprintf(
			"waiting for a populator of %s.%s to fill this claim; %s itself makes empty folders", source.Kind, source.Group, provisioner)})
	case source != nil:
		return told(refused(fmt.Sprintf("cannot be filled from %s '%s': %s makes empty folders. "+
			"Leave dataSource out and copy the data with a pod that mounts both", source.Kind, source.Name, provisioner)))
	case c.Spec.VolumeMode == "Block":
		return told(refused(provisioner + " gives folders, not block devices"))
	}
	for _, field := range slices.Sorted(maps.Keys(c.Spec.asked)) {
		if !slices.Contains(served, field) {
			return told(refused(fmt.Sprintf("its field spec.%s is not supported by %s", field, provisioner)))
		}
	}
	if len(of.Parameters) > 0 {
		return told(refused(fmt.Sprintf("its StorageClass has parameters (%s), and %s understands none",
			strings.Join(slices.Sorted(maps.Keys(of.Parameters)), ", "), provisioner)))
	}
	return nil
}

// sharedMode is the access mode, if any, that lets pods of several nodes use the volume.
func sharedMode(c claim) string {
	for _, mode := range c.Spec.AccessModes {
		if mode != "ReadWriteOnce" && mode != "ReadWriteOncePod" {
			return mode
		}
	}
	return ""
}

// tell puts an event on the claim, once: its name is that of its content, so that neither a second sight nor another node
// repeats it while the API keeps it (for an hour).
func (k *keeper) tell(ctx context.Context, c claim, a answer) {
	content := fnv.New64a()
	fmt.Fprint(content, c.Metadata.UID, a)
	now := time.Now().UTC().Format(time.RFC3339)
	event := map[string]any{
		"apiVersion": "v1", "kind": "Event", "type": a.kind, "reason": a.reason,
		"metadata": map[string]any{
			"name": fmt.Sprintf("%.200s.%x", c.Metadata.Name, content.Sum64()), "namespace": c.Metadata.Namespace},
		"message":        a.message,
		"source":         map[string]any{"component": provisioner},
		"firstTimestamp": now, "lastTimestamp": now, "count": 1,
		"involvedObject": reference{"v1", "PersistentVolumeClaim", c.Metadata.Namespace, c.Metadata.Name, c.Metadata.UID},
	}
	err := k.api.call(ctx, "POST", "/api/v1/namespaces/"+c.Metadata.Namespace+"/events", event, nil)
	if err != nil && !isCode(err, http.StatusConflict) {
		log.Printf("claim %s: cannot say %q: %v", c.Metadata.Name, a.message, err)
	}
}
