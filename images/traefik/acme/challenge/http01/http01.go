// SPDX-License-Identifier: Apache-2.0

// Package http01 has the shape of proofs by HTTP.
package http01

import "time"

const PathPrefix = "/.well-known/acme-challenge/"

type Option struct{}

func SetDelay(time.Duration) Option { return Option{} }
