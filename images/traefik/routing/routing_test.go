// SPDX-License-Identifier: Apache-2.0

package routing

import (
	"errors"
	"regexp"
	"testing"

	netv1 "k8s.io/api/networking/v1"
)

type rule struct {
	host, path string
	exact      bool
}

func (r rule) priority() int { return Priority(r.host, r.path, r.exact) }

func TestTheMoreSpecificRuleIsTriedFirst(t *testing.T) {
	for _, pair := range []struct{ first, second rule }{
		{rule{"a.test", "/login", true}, rule{"a.test", "/login", false}},
		{rule{"a.test", "/login", true}, rule{"a.test", "/login/", false}},
		{rule{"a.test", "/a/b", true}, rule{"a.test", "/a", false}},
		{rule{"a.test", "/a/b", false}, rule{"a.test", "/a", true}},
		{rule{"a.test", "/a", true}, rule{"a.test", "/", false}},
		{rule{"a.test", "/aaa/bbb", false}, rule{"a.test", "/aaa", false}},
		{rule{"a.test", "/", false}, rule{"*.test", "/a/long/path", true}},
		{rule{"*.test", "/", false}, rule{"", "/a/long/path", true}},
	} {
		// A canary of the second must not overtake the first.
		if pair.first.priority() <= pair.second.priority()+2 {
			t.Errorf("%v (%d) comes after %v (%d)", pair.first, pair.first.priority(), pair.second, pair.second.priority())
		}
	}
	if Priority("", "", false) < 1 {
		t.Error("Traefik takes a priority of 0 for none")
	}
}

func TestATrailingGroupMayBeMissingWithItsSlash(t *testing.T) {
	expression := regexp.MustCompile("(?i)^" + OptionalSlash("/original/(.*)"))
	for path, group := range map[string]string{"/original": "", "/original/": "", "/original/other": "other"} {
		if match := expression.FindStringSubmatch(path); match == nil || match[1] != group {
			t.Errorf("%s: %q", path, match)
		}
	}
	if expression.MatchString("/originality") {
		t.Error("/originality is something else")
	}
	for _, unchanged := range []string{"/a", "/a(/|$)(.*)", "/a/(b)/(c)/d", "/a/(b|(c))"} {
		if OptionalSlash(unchanged) != unchanged {
			t.Errorf("%s became %s", unchanged, OptionalSlash(unchanged))
		}
	}
}

func TestARefusalIsToldOnceForEachChange(t *testing.T) {
	ingress := &netv1.Ingress{}
	ingress.Name, ingress.Namespace, ingress.UID, ingress.Generation = "web", "shop", "42", 1
	first, again := refusal(ingress, errors.New("bad path")), refusal(ingress, errors.New("bad path"))
	ingress.Generation = 2
	changed := refusal(ingress, errors.New("bad path"))
	if first.Name != again.Name || first.Name == changed.Name || first.InvolvedObject.UID != "42" {
		t.Errorf("%s, %s, %s, %v", first.Name, again.Name, changed.Name, first.InvolvedObject)
	}
}
