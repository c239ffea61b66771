// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools names what is built here, so that go.mod keeps it.
package tools

import _ "github.com/traefik/traefik/v3/cmd/traefik"
