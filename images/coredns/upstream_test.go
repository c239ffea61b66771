// SPDX-License-Identifier: Apache-2.0

package main

import (
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What upstream has and this program leaves out, as it would be half of its size.
var leftOut = map[string]bool{
	"github.com/coredns/coredns/plugin/azure":    true, // zones in that cloud
	"github.com/coredns/coredns/plugin/clouddns": true,
	"github.com/coredns/coredns/plugin/route53":  true,
	"github.com/coredns/coredns/plugin/dnssec":   true, // with a cloud's library for its keys
	"github.com/coredns/coredns/plugin/etcd":     true, // names from a database that no pod reaches
	"github.com/coredns/coredns/plugin/nomad":    true,
	"github.com/coredns/coredns/plugin/trace":    true, // tells two tracing services, with their libraries
}

func importsOf(t *testing.T, path string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string]bool{}
	for _, each := range file.Imports {
		imports[strings.Trim(each.Path.Value, `"`)] = true
	}
	return imports
}

// A plugin that is not imported is an unknown word in somebody's Corefile.
func TestAllPluginsOfUpstreamAreHereOrLeftOutOnPurpose(t *testing.T) {
	list := exec.Command("go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", "github.com/coredns/coredns")
	list.Stderr = os.Stderr
	folder, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	upstream := importsOf(t, filepath.Join(strings.TrimSpace(string(folder)), "core/plugin/zplugin.go"))
	ours := importsOf(t, "main.go")
	for plugin := range upstream {
		if ours[plugin] == leftOut[plugin] {
			t.Errorf("%s: imported: %v, left out: %v", plugin, ours[plugin], leftOut[plugin])
		}
	}
	for plugin := range leftOut {
		if !upstream[plugin] {
			t.Errorf("%s is no plugin of upstream's any more", plugin)
		}
	}
}
