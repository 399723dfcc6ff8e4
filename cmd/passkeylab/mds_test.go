package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab"
	"github.com/passkeylab/passkeylab/attestation/mds"
	"github.com/passkeylab/passkeylab/authenticator/profile"
	"github.com/passkeylab/passkeylab/relyingparty/ceremony"
)

// keepRunning runs a command line until the test ends, and returns what it says first.
func keepRunning(t *testing.T, args ...string) string {
	t.Helper()
	return keepRunningWith(t, io.Discard, args...)
}

// keepRunningWith is keepRunning with a place for progress and warnings.
func keepRunningWith(t *testing.T, err io.Writer, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	told, ended := make(lineWriter, 1), make(chan int, 1)
	c := &console{Context: ctx, out: told, err: err, env: func(string) string { return "" }, columns: func(io.Writer) int { return 0 }}
	go func() { ended <- c.main(args) }()
	t.Cleanup(func() {
		cancel()
		assert.Equal(t, exitOK, <-ended)
	})
	select {
	case said := <-told:
		return said
	case status := <-ended:
		ended <- status
		t.Fatalf("%v ended with status %d", args, status)
		return ""
	}
}

func urlIn(t *testing.T, said string) string {
	t.Helper()
	url := regexp.MustCompile(`http://[^\s/]+`).FindString(said)
	require.NotEmpty(t, url, said)
	return url
}

// What one command says of a model decides what another admits.
func TestSiteAdmitsWhatMetadataSay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		model       string
		attestation string
		host        string
		admitted    bool
	}{
		"known":              {"security-key", "known", "mds.passkeylab.test", true},
		"revoked":            {"security-key=REVOKED", "known", "mds.passkeylab.test", false},
		"another model":      {"pin-key", "known", "mds.passkeylab.test", false},
		"no certificate":     {"security-key", "hardware", "mds.passkeylab.test", false},
		"nobody asks":        {"security-key=REVOKED", "direct", "mds.passkeylab.test", true},
		"another signs":      {"security-key", "known", "mds.fidoalliance.org", false},
		"anybody under root": {"security-key", "known", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := filepath.Join(t.TempDir(), "root.pem")
			metadata := urlIn(t, keepRunning(t, "mds", "--root", root, "--model", c.model))
			site := urlIn(t, keepRunning(t, "serve", "--listen", "127.0.0.1:0", "--attestation", c.attestation, "--mds", metadata, "--mds-root", root, "--mds-host", c.host))
			lab := passkeylab.New(t, passkeylab.WithSite(site))
			laptop, key := lab.Laptop("laptop"), lab.SecurityKey("key")
			laptop.Plug(key)
			laptop.UserReachesFor(key)
			page := lab.Site.OpenOn(laptop)
			page.BeginSignUp("alice@example.com")
			if !c.admitted {
				page.CreatePasskeyFails("passkey-enrollment-failure")
				return
			}
			page.CreatePasskey("alice@example.com").LogOut()
			page.LogIn("alice@example.com")
		})
	}
}

func TestMDSPublishesEntriesOfFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	root, file := filepath.Join(folder, "root.pem"), filepath.Join(folder, "entry.json")
	text, err := json.Marshal(mds.EntryOf(mds.Key([16]byte{1}, "a key of mine"), mds.StatusReport{Status: mds.Retired}))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	read := func(args ...string) error {
		url := urlIn(t, keepRunning(t, append([]string{"mds", "--root", root, "--secret", "x"}, args...)...))
		der, err := readCertificate(root)
		require.NoError(t, err)
		known, err := ceremony.NewMetadata(ceremony.MetadataConfig{Source: ceremony.FromURL(nil, url), Root: der, Clock: time.Now})
		require.NoError(t, err)
		return known.Refresh(t.Context())
	}
	assert.NoError(t, read("--entry", file))
	assert.ErrorContains(t, read("--entry", file, "--fault", "token/signature-cut-off"), "2 parts")
}

// Whatever a device can be, metadata can be about.
func TestEveryProfileHasMetadata(t *testing.T) {
	t.Parallel()
	service, err := mds.New(mds.Config{Secret: []byte("x"), Clock: time.Now})
	require.NoError(t, err)
	for _, p := range profile.All() {
		e, err := modelEntry(t.Context(), p.ID)
		if err != nil {
			assert.ErrorContains(t, err, "no AAGUID", p.ID)
			continue
		}
		service.Publish(e)
	}
	assert.Greater(t, len(service.Payload().Entries), 20)
	var log strings.Builder
	known, err := ceremony.NewMetadata(ceremony.MetadataConfig{
		Source: func(context.Context) ([]byte, error) { return service.BLOB() },
		Root:   service.Root(), Clock: time.Now, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	require.NoError(t, err)
	require.NoError(t, known.Refresh(t.Context()))
	assert.NotContains(t, log.String(), "not readable")
}

func TestWrongUseOfMetadata(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, []byte(`{"aaguid":"","colour":"blue"}`), 0o600))
	root := filepath.Join(folder, "root.pem")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no root":          {[]string{"mds"}, "--root"},
		"unknown model":    {[]string{"mds", "--root", root, "--model", "security-kye"}, `"security-key"`},
		"unknown status":   {[]string{"mds", "--root", root, "--model", "pin-key=BAD"}, `no status is called "BAD"`},
		"unknown fault":    {[]string{"mds", "--root", root, "--fault", "alg/non"}, `did you mean "alg/none"?`},
		"unknown member":   {[]string{"mds", "--root", root, "--entry", file}, "colour"},
		"not local":        {[]string{"mds", "--root", root, "--listen", "0.0.0.0:0"}, "other machines could reach that"},
		"nowhere to write": {[]string{"mds", "--root", filepath.Join(folder, "no", "root.pem")}, "--root"},

		"unknown attestation": {[]string{"serve", "--attestation", "some"}, "must be one of"},
		"known without mds":   {[]string{"serve", "--listen", "127.0.0.1:0", "--attestation", "known"}, "say with --mds and --mds-root"},
		"mds without root":    {[]string{"serve", "--listen", "127.0.0.1:0", "--mds", file}, "go together"},
		"missing root":        {[]string{"serve", "--listen", "127.0.0.1:0", "--mds", file, "--mds-root", root}, "--mds-root"},
		"bad root":            {[]string{"serve", "--listen", "127.0.0.1:0", "--attestation", "known", "--mds", file, "--mds-root", file}, "MetadataConfig.Root"},
		"cache without mds":   {[]string{"serve", "--listen", "127.0.0.1:0", "--mds-cache", file}, "go with --mds"},
		"models unasked":      {[]string{"serve", "--listen", "127.0.0.1:0", "--deny-model", "x"}, "go with --attestation known or hardware"},
		"bad AAGUID":          {[]string{"serve", "--listen", "127.0.0.1:0", "--attestation", "hardware", "--mds", file, "--mds-root", file, "--allow-model", "x"}, "--allow-model"},
	} {
		got := command(t, c.args...)
		assert.Equal(t, exitBroken, got.status, name)
		assert.Contains(t, got.err, c.says, name)
	}
}
