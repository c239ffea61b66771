// SPDX-License-Identifier: Apache-2.0

// Package lego stands in for Traefik's ACME client (https://go-acme.github.io/lego), which a local cluster has no use
// for: it has the names that Traefik is compiled against, and says so when asked for a certificate.
package lego

import (
	"crypto/x509"
	"net/http"
	"time"

	"github.com/go-acme/lego/v5/certificate"
	"github.com/go-acme/lego/v5/challenge"
	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/go-acme/lego/v5/challenge/http01"
	"github.com/go-acme/lego/v5/challenge/tlsalpn01"
	"github.com/go-acme/lego/v5/registration"
)

const DirectoryURLLetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

type Config struct {
	CADirURL, UserAgent string
	HTTPClient          *http.Client
	Certificate         struct{ Timeout time.Duration }
}

func NewConfig(any) *Config { return &Config{} }

type Client struct {
	Certificate  *certificate.Certifier
	Challenge    *Solvers
	Registration *registration.Registrar
}

func NewClient(*Config) (*Client, error) { return nil, challenge.ErrLeftOut }

func CreateCertPool([]string, bool) (*x509.CertPool, error) { return nil, challenge.ErrLeftOut }

type Solvers struct{}

func (*Solvers) SetDNS01Provider(challenge.Provider, ...dns01.Option) error {
	return challenge.ErrLeftOut
}

func (*Solvers) SetHTTP01Provider(challenge.Provider, ...http01.Option) error {
	return challenge.ErrLeftOut
}

func (*Solvers) SetTLSALPN01Provider(challenge.Provider, ...tlsalpn01.Option) error {
	return challenge.ErrLeftOut
}
