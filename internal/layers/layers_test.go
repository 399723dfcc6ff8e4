package layers

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tree is read through os, so that the test cache notices every change.
func TestTheHouseIsInOrder(t *testing.T) {
	t.Parallel()
	sources, err := readTree(os.DirFS("../.."))
	require.NoError(t, err)
	require.NotEmpty(t, sources)
	for name, check := range rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range sources {
				for _, wrong := range check(s) {
					t.Errorf("%s: %s", s.name, wrong)
				}
			}
		})
	}
}

// Every rule objects to what it is for, and only to that.
func TestRulesCatchViolations(t *testing.T) {
	t.Parallel()
	const lab = `"github.com/passkeylab/passkeylab`
	caught := map[string]bool{}
	for _, c := range []struct {
		what, file, code string
		rule             string // the one that objects, "" for none
	}{
		{"down", "ctap/a.go", `package ctap; import ` + lab + `/webauthn"`, ""},
		{"down from the root", "lab.go", `package passkeylab; import ` + lab + `/browser"`, ""},
		{"to the root", "scenarios/a.go", `package scenarios; import ` + lab + `"`, ""},
		{"up", "webauthn/a.go", `package webauthn; import ` + lab + `/ctap"`, "imports point down"},
		{"up to the root", "browser/a.go", `package browser; import ` + lab + `"`, "imports point down"},
		{"sideways", "client/a.go", `package client; import ` + lab + `/authenticator"`, "imports point down"},
		{"sideways under a folder", "transport/a/a.go", `package a; import ` + lab + `/transport/b"`, "imports point down"},
		{"room under a folder", "authenticator/fault/a.go", `package fault; import ` + lab + `/authenticator"`, ""},
		{"its own internal part", "browser/a.go", `package browser; import ` + lab + `/browser/internal/child"`, ""},
		{"internal part going up", "ctap/internal/x/a.go", `package x; import ` + lab + `/client"`, "imports point down"},
		{"new room", "attic/a.go", `package attic`, "imports point down"},
		{"import of a new room", "scenarios/a.go", `package scenarios; import ` + lab + `/attic"`, "imports point down"},
		{"a test looking from above", "webauthn/a_test.go", `package webauthn_test; import ` + lab + `/ctap"`, ""},

		{"room above attestation", "authenticator/a.go", `package authenticator; import ` + lab + `/attestation/mds"`, ""},
		{"attestation knowing its service", "attestation/a.go", `package attestation; import ` + lab + `/attestation/mds"`, "imports point down"},

		{"judge using data", "conformance/a.go", `package conformance; import ` + lab + `/ctap/pinuv"`, ""},
		{"judge publishing metadata", "conformance/a.go", `package conformance; import ` + lab + `/attestation/mds"`, ""},
		{"judge's helper using a device", "conformance/internal/x/a.go", `package x; import ` + lab + `/authenticator"`, "the judge stands apart"},

		{"site using the data room", "relyingparty/a.go", `package relyingparty; import ` + lab + `/webauthn"`, "the site has its own eyes"},
		{"site reading what it is told", "relyingparty/a.go", `package relyingparty; import ` + lab + `/attestation/mds"`, "the site has its own eyes"},
		{"fault using a device", "relyingparty/fault/a.go", `package fault; import ` + lab + `/authenticator"`, "the site has its own eyes"},
		{"site's test using the data room", "relyingparty/a_test.go", `package relyingparty_test; import ` + lab + `/webauthn"`, ""},

		{"example using the library", "examples/a/a.go", `package a; import ` + lab + `/scenarios"`, ""},
		{"example using a part of it", "examples/a/a.go", `package a; import ` + lab + `/internal/seed"`, "examples use what is public"},

		{"browser driving", "browser/a.go", `package browser; import "github.com/chromedp/chromedp"`, ""},
		{"root driving", "lab.go", `package passkeylab; import "github.com/chromedp/cdproto/page"`, "only browser drives Chrome"},
		{"test driving", "client/a_test.go", `package client; import "github.com/chromedp/chromedp"`, "only browser drives Chrome"},

		{"testing in code", "client/a.go", `package client; import "testing"`, "no testing outside tests"},
		{"testify in code", "client/a.go", `package client; import "github.com/stretchr/testify/require"`, "no testing outside tests"},
		{"testing in a test", "client/a_test.go", `package client; import "testing"`, ""},

		{"sleep", "client/a.go", `package client; import "time"; func f() { time.Sleep(1) }`, "nothing sleeps"},
		{"sleep in a test", "client/a_test.go", `package client; import "time"; func f() { time.Sleep(1) }`, "nothing sleeps"},
		{"sleep by another name", "client/a.go", `package client; import clock "time"; var f = clock.Sleep`, "nothing sleeps"},
		{"sleep with a dot", "client/a.go", `package client; import . "time"; func f() { Sleep(1) }`, "nothing sleeps"},
		{"somebody else's Sleep", "client/a.go", `package client; func f(b bear) { b.Sleep() }`, ""},

		{"utils", "client/internal/x/a.go", `package utils`, "no room for odds and ends"},
		{"common", "client/internal/x/a.go", `package common`, "no room for odds and ends"},
	} {
		sources, err := readTree(fstest.MapFS{c.file: {Data: []byte(c.code)}})
		require.NoError(t, err, c.what)
		require.Len(t, sources, 1, c.what)
		objected := map[string]bool{}
		for name, check := range rules {
			if len(check(sources[0])) > 0 {
				objected[name] = true
			}
		}
		if c.rule == "" {
			assert.Empty(t, objected, c.what)
			continue
		}
		caught[c.rule] = true
		assert.True(t, objected[c.rule], "%s: rule %q lets it pass", c.what, c.rule)
		// A sibling import breaks the floors too; any other company is a mistake.
		delete(objected, c.rule)
		delete(objected, "imports point down")
		assert.Empty(t, objected, c.what)
	}
	for name := range rules {
		assert.True(t, caught[name], "nothing here shows that rule %q works", name)
	}
}

func TestReadTree(t *testing.T) {
	t.Parallel()
	sources, err := readTree(fstest.MapFS{
		"a.go":                   {Data: []byte("package a")},
		"testdata/b.go":          {Data: []byte("package testdata")},
		".git/c.go":              {Data: []byte("not Go")},
		"node_modules/x/d.go":    {Data: []byte("not Go")},
		"report/e.go":            {Data: []byte("not Go")},
		"internal/report/f.go":   {Data: []byte("package report")},
		"internal/report/f.html": {Data: []byte("<p>")},
	})
	require.NoError(t, err)
	var names []string
	for _, s := range sources {
		names = append(names, s.name)
	}
	assert.ElementsMatch(t, []string{"a.go", "testdata/b.go", "internal/report/f.go"}, names)

	_, err = readTree(fstest.MapFS{"broken.go": {Data: []byte("not Go")}})
	assert.Error(t, err)
}
