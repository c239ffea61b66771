// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools pins runc, a main package that is built by its import path: this import of what it is made of keeps go.mod
// and go.sum complete.
package tools

import _ "github.com/opencontainers/runc"
