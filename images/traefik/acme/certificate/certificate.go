// SPDX-License-Identifier: Apache-2.0

// Package certificate has the shape of requests for certificates.
package certificate

import (
	"context"

	"github.com/go-acme/lego/v5/certcrypto"
	"github.com/go-acme/lego/v5/challenge"
)

type Resource struct {
	ID                      string
	Domains                 []string
	Certificate, PrivateKey []byte
}

type ObtainRequest struct {
	Domains, EmailAddresses  []string
	Profile, PreferredChain  string
	Bundle, EnableCommonName bool
	KeyType                  certcrypto.KeyType
}

type RenewOptions struct {
	EmailAddresses           []string
	Profile, PreferredChain  string
	Bundle, EnableCommonName bool
}

type Certifier struct{}

func (*Certifier) Obtain(context.Context, ObtainRequest) (*Resource, error) {
	return nil, challenge.ErrLeftOut
}

func (*Certifier) Renew(context.Context, Resource, *RenewOptions) (*Resource, error) {
	return nil, challenge.ErrLeftOut
}
