// SPDX-License-Identifier: Apache-2.0

// Package acme has the shape of an account at a certificate authority.
package acme

type Account struct{}

type ExtendedAccount struct {
	Account

	Location string
}
