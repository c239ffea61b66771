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

// The upstream programs that this one stands for. Each is a main package, which cannot be imported.
var upstream = []string{
	"k8s.io/kubernetes/cmd/kube-apiserver",
	"k8s.io/kubernetes/cmd/kube-controller-manager",
	"k8s.io/kubernetes/cmd/kube-proxy",
	"k8s.io/kubernetes/cmd/kube-scheduler",
	"k8s.io/kubernetes/cmd/kubectl",
	"k8s.io/kubernetes/cmd/kubelet",
	"go.etcd.io/etcd/server/v3",
}

// importsOf are the imports of a folder's sources.
func importsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	imports := map[string]bool{}
	files, _ := filepath.Glob(filepath.Join(folder, "*.go"))
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, each := range file.Imports {
			imports[strings.Trim(each.Path.Value, `"`)] = true
		}
	}
	if len(imports) == 0 {
		t.Fatalf("no sources in %s", folder)
	}
	return imports
}

// What a main package registers by an import (time zones, metrics, log formats, ways to authenticate) is missed by no
// compiler when it is left out.
func TestNothingIsLostOfWhatUpstreamsProgramsImport(t *testing.T) {
	ours := importsOf(t, ".")
	for _, program := range upstream {
		list := exec.Command("go", "list", "-mod=readonly", "-f", "{{.Dir}}", program)
		list.Stderr = os.Stderr
		folder, err := list.Output()
		if err != nil {
			t.Fatalf("%s: %v", program, err)
		}
		for path := range importsOf(t, strings.TrimSpace(string(folder))) {
			if !ours[path] {
				t.Errorf("%s imports %s, this program does not", program, path)
			}
		}
	}
}
