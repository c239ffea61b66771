// SPDX-License-Identifier: Apache-2.0

// Package stub stands for containerd's of the same name, as package api does.
package stub

import (
	"context"
	"errors"
)

type Stub interface{ Run(context.Context) error }

type Option func()

func WithOnClose(func()) Option        { return nil }
func WithPluginName(string) Option     { return nil }
func WithPluginIdx(string) Option      { return nil }
func New(any, ...Option) (Stub, error) { return nil, errors.New("there is no plugin here") }
