package main

import (
	"go/format"
	"strings"
	"testing"
)

func TestTheEditsFitThePinnedRelease(t *testing.T) {
	root, err := moduleFolder()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := apply(root)
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range texts {
		if _, err := format.Source([]byte(text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if !strings.Contains(text, "routing.") {
			t.Errorf("%s uses nothing of ours", file)
		}
	}
}
