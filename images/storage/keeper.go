// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
)

const (
	provisioner = "skiff.dev/storage" // of the StorageClass
	claims      = "/api/v1/persistentvolumeclaims"
	volumes     = "/api/v1/persistentvolumes"
	classes     = "/apis/storage.k8s.io/v1/storageclasses/"

	// Kubernetes' own names for the agreement between its controllers and a provisioner.
	provisionerAnnotation = "volume.kubernetes.io/storage-provisioner"
	nodeAnnotation        = "volume.kubernetes.io/selected-node"
	madeByAnnotation      = "pv.kubernetes.io/provisioned-by"
)

type keeper struct {
	node, root string
	api        *api
}

// waits tells whether a claim waits for a folder, on a node that was selected or not yet.
func waits(c claim) bool {
	return c.Spec.VolumeName == "" && c.Metadata.DeletionTimestamp == "" &&
		c.Metadata.Annotations[provisionerAnnotation] == provisioner
}

// abandoned tells whether a volume of this node lost its claim, and is not to outlive it.
func (k *keeper) abandoned(v volume) bool {
	return v.Status.Phase == "Released" && v.Spec.ReclaimPolicy == "Delete" &&
		v.Metadata.Annotations[madeByAnnotation] == provisioner && v.Metadata.Labels["kubernetes.io/hostname"] == k.node
}

func (k *keeper) folder(volume string) string { return filepath.Join(k.root, volume) }

// volumeFor is the volume that a claim gets: its name is that of the claim's life, so that it is made once.
func (k *keeper) volumeFor(c claim, of class) volume {
	v := volume{APIVersion: "v1", Kind: "PersistentVolume"}
	v.Metadata.Name = "pvc-" + c.Metadata.UID
	v.Metadata.Annotations = map[string]string{madeByAnnotation: provisioner}
	v.Metadata.Labels = map[string]string{"kubernetes.io/hostname": k.node}
	v.Spec.Capacity = map[string]string{"storage": c.Spec.Resources.Requests["storage"]}
	v.Spec.AccessModes = c.Spec.AccessModes
	v.Spec.ReclaimPolicy = of.ReclaimPolicy
	v.Spec.MountOptions = of.MountOptions
	v.Spec.Class = c.Spec.Class
	v.Spec.ClaimRef = reference{"v1", "PersistentVolumeClaim", c.Metadata.Namespace, c.Metadata.Name, c.Metadata.UID}
	v.Spec.Local.Path = k.folder(v.Metadata.Name)
	v.Spec.NodeAffinity.Required.Terms = []term{{[]expression{{"kubernetes.io/hostname", "In", []string{k.node}}}}}
	return v
}

// claim makes the folder of a claim that selected this node. What cannot be served stays Pending, and an event says why.
func (k *keeper) claim(ctx context.Context, c claim) error {
	if !waits(c) {
		return nil
	}
	name := c.Metadata.Namespace + "/" + c.Metadata.Name
	selected, chosen := c.Metadata.Annotations[nodeAnnotation]
	if chosen && selected != k.node {
		return nil
	}
	var of class
	if err := k.api.call(ctx, "GET", classes+c.Spec.Class, nil, &of); err != nil {
		return fmt.Errorf("claim %s: its class: %w", name, err)
	}
	if !chosen {
		// The scheduler will select a node, unless the class says that none is to be waited for: then it is the only one. Of
		// several, every node sees such a claim; the event is the same from all of them.
		if of.BindingMode != "Immediate" {
			return nil
		}
		alone, err := k.isOnlyNode(ctx)
		if err != nil {
			return fmt.Errorf("claim %s: %w", name, err)
		}
		if !alone {
			k.tell(ctx, c, refused(immediate))
			return nil
		}
	}
	if answer := answerTo(c, of); answer != nil {
		k.tell(ctx, c, *answer)
		return nil // until it changes: its watch tells
	}
	if mode := sharedMode(c); mode != "" {
		alone, err := k.isOnlyNode(ctx)
		if err != nil {
			return fmt.Errorf("claim %s: %w", name, err)
		}
		if !alone {
			k.tell(ctx, c, refused(mode+" is not possible in a cluster of several nodes: a folder is on one of them. Ask for ReadWriteOnce"))
			return nil
		}
	}
	if err := k.provide(ctx, c, of); err != nil {
		k.tell(ctx, c, refused(err.Error()))
		return fmt.Errorf("claim %s: %w", name, err)
	}
	log.Printf("claim %s: has a folder", name)
	return nil
}

func (k *keeper) isOnlyNode(ctx context.Context) (bool, error) {
	var nodes struct {
		Items []struct{} `json:"items"`
	}
	err := k.api.call(ctx, "GET", "/api/v1/nodes?limit=2", nil, &nodes)
	return len(nodes.Items) == 1, err
}

func (k *keeper) provide(ctx context.Context, c claim, of class) error {
	v := k.volumeFor(c, of)
	if err := os.MkdirAll(v.Spec.Local.Path, 0o777); err != nil {
		return err
	}
	// Pods may run as any user, and the umask takes bits away.
	if err := os.Chmod(v.Spec.Local.Path, 0o777); err != nil {
		return err
	}
	err := k.api.call(ctx, "POST", volumes, v, nil)
	if isCode(err, http.StatusConflict) {
		return nil // it was made at an earlier sight of the claim
	}
	return err
}

func (k *keeper) volume(ctx context.Context, v volume) error {
	if !k.abandoned(v) {
		return nil
	}
	name := v.Metadata.Name
	if err := os.RemoveAll(k.folder(name)); err != nil {
		return fmt.Errorf("volume %s: %w", name, err)
	}
	if err := k.api.call(ctx, "DELETE", volumes+"/"+name, nil, nil); err != nil && !isCode(err, http.StatusNotFound) {
		return fmt.Errorf("volume %s: %w", name, err)
	}
	log.Printf("volume %s: removed", name)
	return nil
}
