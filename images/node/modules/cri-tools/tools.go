// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools pins crictl, a main package that is built by its import path.
package tools

import _ "sigs.k8s.io/cri-tools/cmd/crictl"
