// SPDX-License-Identifier: Apache-2.0

// Package ext holds the extension points of Traefik's dynamic configuration, which nothing extends here.
package ext

type (
	HTTP       struct{}
	Router     struct{}
	Middleware struct{}
	Service    struct{}
)
