// SPDX-License-Identifier: Apache-2.0

// Package queue knows how this node's kernel hands the first packet of a connection to a program: by nftables' own queue
// expression, or, where the kernel was built without it, by the NFQUEUE target of iptables, which nftables can call.
package queue

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/florianl/go-nfqueue"
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/google/nftables/xt"
)

type expression func(number uint16, bypass bool) expr.Any

var chosen expression = native

// To is the end of a rule: packets go to the program that listens at this number. Without one they are dropped, or go on
// with `bypass`.
func To(number uint16, bypass bool) expr.Any { return chosen(number, bypass) }

func native(number uint16, bypass bool) expr.Any {
	queue := &expr.Queue{Num: number}
	if bypass {
		queue.Flag = expr.QueueFlagBypass
	}
	return queue
}

// target is struct xt_NFQ_info_v2 of <linux/netfilter/xt_NFQUEUE.h>: the number, of how many queues, the bypass.
func target(number uint16, bypass bool) expr.Any {
	info := binary.NativeEndian.AppendUint16(nil, number)
	info = binary.NativeEndian.AppendUint16(info, 1)
	flag := uint16(0)
	if bypass {
		flag = 1
	}
	info = binary.NativeEndian.AppendUint16(info, flag)
	padded := xt.Unknown(append(info, 0, 0)) // the kernel wants a multiple of eight
	return &expr.Target{Name: "NFQUEUE", Rev: 2, Info: &padded}
}

// Find chooses the expression that the kernel takes, by trying; an error says what the kernel lacks.
func Find() error {
	if err := tryListen(); err != nil {
		return fmt.Errorf("it has no nfnetlink_queue: %w", err)
	}
	nativeError := tryRule(native)
	if nativeError == nil {
		return nil
	}
	if err := tryRule(target); err != nil {
		return fmt.Errorf("it has neither nft_queue (%w) nor, with nft_compat, xt_NFQUEUE (%w)", nativeError, err)
	}
	chosen = target
	return nil
}

const (
	trialNumber = 65000
	trialTable  = "skiff-trial"
)

// tryRule makes a table with such a rule and, in the same transaction, takes it away.
func tryRule(queue expression) error {
	kernel, err := nftables.New()
	if err != nil {
		return err
	}
	table := kernel.AddTable(&nftables.Table{Name: trialTable, Family: nftables.TableFamilyINet})
	chain := kernel.AddChain(&nftables.Chain{Name: "postrouting", Table: table, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookPostrouting, Priority: nftables.ChainPriorityFilter})
	kernel.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{queue(trialNumber, true)}})
	kernel.DelTable(table)
	return kernel.Flush()
}

func tryListen() error {
	listener, err := nfqueue.Open(&nfqueue.Config{NfQueue: trialNumber, MaxPacketLen: 64, MaxQueueLen: 1,
		Copymode: nfqueue.NfQnlCopyPacket})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = listener.RegisterWithErrorFunc(ctx, func(nfqueue.Attribute) int { return 1 }, func(error) int { return 1 })
	return errors.Join(err, listener.Close())
}
