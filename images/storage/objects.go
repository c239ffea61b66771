// SPDX-License-Identifier: Apache-2.0

package main

import "encoding/json"

// The parts of Kubernetes objects that matter here.

type metadata struct {
	Name              string            `json:"name"`
	Namespace         string            `json:"namespace,omitempty"`
	UID               string            `json:"uid,omitempty"`
	DeletionTimestamp string            `json:"deletionTimestamp,omitempty"`
	Annotations       map[string]string `json:"annotations,omitempty"`
	Labels            map[string]string `json:"labels,omitempty"`
}

type claim struct {
	Metadata metadata  `json:"metadata"`
	Spec     claimSpec `json:"spec"`
}

type claimSpec struct {
	Class       string   `json:"storageClassName"`
	VolumeName  string   `json:"volumeName"`
	VolumeMode  string   `json:"volumeMode"`
	AccessModes []string `json:"accessModes"`
	Resources   struct {
		Requests map[string]string `json:"requests"`
	} `json:"resources"`
	DataSource    *dataSource `json:"dataSource"`
	DataSourceRef *dataSource `json:"dataSourceRef"`

	asked map[string]json.RawMessage // every field that is set, those above and those that came with a later Kubernetes
}

func (s *claimSpec) UnmarshalJSON(text []byte) error {
	type plain claimSpec // without this method
	if err := json.Unmarshal(text, (*plain)(s)); err != nil {
		return err
	}
	return json.Unmarshal(text, &s.asked)
}

// dataSource is what a claim's volume is to be filled from.
type dataSource struct {
	Group string `json:"apiGroup"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

type class struct {
	ReclaimPolicy string            `json:"reclaimPolicy"`
	BindingMode   string            `json:"volumeBindingMode"`
	MountOptions  []string          `json:"mountOptions"`
	Parameters    map[string]string `json:"parameters"`
}

type reference struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	UID        string `json:"uid"`
}

type expression struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

type term struct {
	Expressions []expression `json:"matchExpressions"`
}

type volume struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   metadata `json:"metadata"`
	Spec       struct {
		Capacity      map[string]string `json:"capacity"`
		AccessModes   []string          `json:"accessModes"`
		ReclaimPolicy string            `json:"persistentVolumeReclaimPolicy"`
		Class         string            `json:"storageClassName"`
		MountOptions  []string          `json:"mountOptions,omitempty"`
		ClaimRef      reference         `json:"claimRef"`
		Local         struct {
			Path string `json:"path"`
		} `json:"local"`
		NodeAffinity struct {
			Required struct {
				Terms []term `json:"nodeSelectorTerms"`
			} `json:"required"`
		} `json:"nodeAffinity"`
	} `json:"spec"`
	Status struct {
		Phase string `json:"phase,omitempty"`
	} `json:"status"`
}
