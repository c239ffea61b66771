// Command overlay makes, in the folder that it is given, a copy of Traefik's sources with a few small changes, and a go.mod
// that replaces Traefik by it, for `go build -modfile`. It runs in the folder of this module.
//
// A change whose place is not found as often as it should be is an error: a new release of Traefik is to be looked at.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	module   = "github.com/traefik/traefik/v3"
	provider = "pkg/provider/kubernetes/ingress-nginx/"
)

type edit struct {
	file  string // below the module
	old   string
	new   string
	times int
}

const importOurs = "\t\"github.com/traefik/traefik/v3/pkg/tls\"\n"

// What Kubernetes and ingress-nginx promise and the provider of this release does otherwise.
var edits = []edit{
	// Which of several matching paths wins is a matter of paths, not of the length of the rule that was made from them.
	{provider + "translator.go", importOurs, importOurs + "\t\"skiff.dev/traefik/routing\"\n", 1},
	{provider + "translator.go", "rule := buildRule(srv.Hostname, loc)\n",
		"rule := buildRule(srv.Hostname, loc)\n" +
			"\t\t\tpriority := routing.Priority(srv.Hostname, loc.Path, ptr.Deref(loc.PathType, netv1.PathTypePrefix) == netv1.PathTypeExact)\n", 1},
	{provider + "translator.go", "Rule:          rule,\n", "Rule:          rule,\n\t\t\t\tPriority: priority,\n", 1},
	{provider + "translator.go", "Rule:        rule,\n", "Rule:        rule,\n\t\t\t\tPriority: priority,\n", 1},
	{provider + "translator.go", "appendCanaryRule(rule, loc.Canary),\n", "appendCanaryRule(rule, loc.Canary),\n\t\t\t\t\tPriority: priority + 2,\n", 2},
	{provider + "translator.go", "appendNonCanaryRule(rule, loc.Canary),\n", "appendNonCanaryRule(rule, loc.Canary),\n\t\t\t\t\tPriority: priority + 1,\n", 2},

	// A path that ends in a slash and a group stands for the path without the slash too.
	{provider + "translator.go", `"(?i)^"+loc.Path)`, `"(?i)^"+routing.OptionalSlash(loc.Path))`, 1},
	{provider + "middleware.go", "regex := loc.Path\n", "regex := routing.OptionalSlash(loc.Path)\n", 1},
	{provider + "middleware.go", importOurs, importOurs + "\t\"skiff.dev/traefik/routing\"\n", 1},

	// An Ingress that is left out says so where its owner looks.
	{provider + "build.go", importOurs, importOurs + "\t\"skiff.dev/traefik/routing\"\n", 1},
	{provider + "build.go", `logger.Error().Err(err).Msg("Invalid Ingress, skipping")` + "\n",
		`logger.Error().Err(err).Msg("Invalid Ingress, skipping")` + "\n" +
			"\t\t\trouting.TellRefused(p.k8sClient.clientset, ingress, err)\n", 1},
}

// apply is the changed text of each file that is edited.
func apply(root string) (map[string]string, error) {
	texts := map[string]string{}
	for _, each := range edits {
		text, known := texts[each.file]
		if !known {
			bytes, err := os.ReadFile(filepath.Join(root, each.file))
			if err != nil {
				return nil, err
			}
			text = string(bytes)
		}
		if found := strings.Count(text, each.old); found != each.times {
			return nil, fmt.Errorf("%s: %q is there %d times, not %d", each.file, each.old, found, each.times)
		}
		texts[each.file] = strings.ReplaceAll(text, each.old, each.new)
	}
	return texts, nil
}

func moduleFolder() (string, error) {
	list := exec.Command("go", "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", module)
	list.Stderr = os.Stderr
	folder, err := list.Output()
	return strings.TrimSpace(string(folder)), err
}

// copyTree copies what a build needs of a module.
func copyTree(from, to string) error {
	left := map[string]bool{"docs": true, "integration": true, "script": true, "fixtures": true, "testdata": true}
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir() && left[entry.Name()]:
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case strings.HasSuffix(path, "_test.go"):
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}

func write(folder string) error {
	download := exec.Command("go", "mod", "download", module)
	download.Stderr = os.Stderr
	if err := download.Run(); err != nil {
		return err
	}
	root, err := moduleFolder()
	if err != nil {
		return err
	}
	texts, err := apply(root)
	if err != nil {
		return err
	}
	folder, err = filepath.Abs(folder)
	if err != nil {
		return err
	}
	changed := filepath.Join(folder, "traefik")
	if err := copyTree(root, changed); err != nil {
		return err
	}
	for file, text := range texts {
		if err := os.WriteFile(filepath.Join(changed, file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	requirements, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	// Relative to this module: the program records the name, and is to be the same wherever it is built.
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(here, changed)
	if err != nil {
		return err
	}
	requirements = append(requirements, fmt.Sprintf("\nreplace %s => %s\n", module, filepath.ToSlash(relative))...)
	if err := os.WriteFile(filepath.Join(folder, "go.mod"), requirements, 0o644); err != nil {
		return err
	}
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "go.sum"), sums, 0o644)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: overlay FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "overlay:", err)
		os.Exit(1)
	}
}
