// SPDX-License-Identifier: Apache-2.0

// Package challenge has the shape of proofs that a domain is ours.
package challenge

import (
	"context"
	"errors"
)

// ErrLeftOut is the answer to every request.
var ErrLeftOut = errors.New("this Traefik was built without ACME: no public authority can reach a local cluster")

type Provider interface {
	Present(ctx context.Context, domain, token, keyAuth string) error
	CleanUp(ctx context.Context, domain, token, keyAuth string) error
}
