package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"
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

// wants tells whether a claim waits for a folder on this node.
func (k *keeper) wants(c claim) bool {
	return c.Spec.VolumeName == "" && c.Metadata.DeletionTimestamp == "" &&
		c.Metadata.Annotations[provisionerAnnotation] == provisioner && c.Metadata.Annotations[nodeAnnotation] == k.node
}

// abandoned tells whether a volume of this node lost its claim, and is not to outlive it.
func (k *keeper) abandoned(v volume) bool {
	return v.Status.Phase == "Released" && v.Spec.ReclaimPolicy == "Delete" &&
		v.Metadata.Annotations[madeByAnnotation] == provisioner && v.Metadata.Labels["kubernetes.io/hostname"] == k.node
}

func (k *keeper) folder(volume string) string { return filepath.Join(k.root, volume) }

// volumeFor is the volume that a claim gets: its name is that of the claim's life, so that it is made once.
func (k *keeper) volumeFor(c claim, reclaimPolicy string) volume {
	v := volume{APIVersion: "v1", Kind: "PersistentVolume"}
	v.Metadata.Name = "pvc-" + c.Metadata.UID
	v.Metadata.Annotations = map[string]string{madeByAnnotation: provisioner}
	v.Metadata.Labels = map[string]string{"kubernetes.io/hostname": k.node}
	v.Spec.Capacity = map[string]string{"storage": c.Spec.Resources.Requests["storage"]}
	v.Spec.AccessModes = c.Spec.AccessModes
	v.Spec.ReclaimPolicy = reclaimPolicy
	v.Spec.Class = c.Spec.Class
	v.Spec.ClaimRef = reference{"v1", "PersistentVolumeClaim", c.Metadata.Namespace, c.Metadata.Name, c.Metadata.UID}
	v.Spec.Local.Path = k.folder(v.Metadata.Name)
	v.Spec.NodeAffinity.Required.Terms = []term{{[]expression{{"kubernetes.io/hostname", "In", []string{k.node}}}}}
	return v
}

func (k *keeper) claim(ctx context.Context, c claim) error {
	if !k.wants(c) {
		return nil
	}
	name := c.Metadata.Namespace + "/" + c.Metadata.Name
	if err := k.provide(ctx, c); err != nil {
		k.complain(ctx, c, err)
		return fmt.Errorf("claim %s: %w", name, err)
	}
	log.Printf("claim %s: has a folder", name)
	return nil
}

func (k *keeper) provide(ctx context.Context, c claim) error {
	if c.Spec.VolumeMode == "Block" {
		return fmt.Errorf("%s gives folders, not block devices", provisioner)
	}
	var class struct {
		ReclaimPolicy string `json:"reclaimPolicy"`
	}
	if err := k.api.call(ctx, "GET", classes+c.Spec.Class, nil, &class); err != nil {
		return err
	}
	v := k.volumeFor(c, class.ReclaimPolicy)
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

// complain says on the claim what went wrong, where `kubectl describe` shows it.
func (k *keeper) complain(ctx context.Context, c claim, trouble error) {
	now := time.Now().UTC().Format(time.RFC3339)
	event := map[string]any{
		"apiVersion": "v1", "kind": "Event", "type": "Warning", "reason": "ProvisioningFailed",
		"metadata":       map[string]any{"generateName": c.Metadata.Name + ".", "namespace": c.Metadata.Namespace},
		"message":        trouble.Error(),
		"source":         map[string]any{"component": provisioner, "host": k.node},
		"firstTimestamp": now, "lastTimestamp": now, "count": 1,
		"involvedObject": reference{"v1", "PersistentVolumeClaim", c.Metadata.Namespace, c.Metadata.Name, c.Metadata.UID},
	}
	if err := k.api.call(ctx, "POST", "/api/v1/namespaces/"+c.Metadata.Namespace+"/events", event, nil); err != nil {
		log.Printf("claim %s: cannot say so: %v", c.Metadata.Name, err)
	}
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
