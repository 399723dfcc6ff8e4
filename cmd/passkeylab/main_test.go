package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/scenarios"
)

// outcome is what a command line did.
type outcome struct {
	status   int
	out, err string
}

// command runs a command line as from a shell without a terminal.
func command(t *testing.T, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	c := &console{
		Context: t.Context(), out: &out, err: &err,
		env:     func(string) string { return "" },
		columns: func(io.Writer) int { return 0 },
	}
	return outcome{c.main(args), out.String(), err.String()}
}

func TestWrongUseIsOneLineAndStatus2(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	folder := t.TempDir()
	notADatabase := filepath.Join(folder, "site.db")
	require.NoError(t, os.WriteFile(notADatabase, []byte("these are no accounts"), 0o600))
	file := filepath.Join(folder, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))

	poor := filepath.Join(folder, "poor.yaml")
	require.NoError(t, os.WriteFile(poor, []byte("site: poor\n"), 0o600))

	cases := []struct {
		name string
		args []string
		says string
	}{
		{"unknown verb", []string{"rnu"}, "unexpected argument rnu"},
		{"unknown flag", []string{"run", "--lnik", "wire"}, "unknown flag --lnik"},
		{"unknown link", []string{"run", "--link", "wrie"}, `unknown link "wrie": use one or more of proxy, cdp, bridge, usb, hybrid, wire`},
		{"unknown journey", []string{"run", "button/decline"}, `no journey fits "button/decline"; did you mean "button/declined"?`},
		{"seed is no number", []string{"run", "--seed", "x"}, "seed"},
		{"site is no URL", []string{"run", "--site", "acme"}, "give it as https://host"},
		{"site is not there", []string{"run", "--site", "http://127.0.0.1:1"}, "cannot be reached"},
		{"adapter without a site", []string{"run", "--adapter", file}, "give its address with --site"},
		{"adapter that is none", []string{"run", "--site", "http://127.0.0.1:1", "--adapter", file}, "--adapter: " + file + ": it is empty"},
		{"adapter that lacks much", []string{"run", "--site", "http://127.0.0.1:1", "--adapter", poor}, "who.text is missing"},
		{"report is a file", []string{"run", "--report", filepath.Join(file, "report")}, "choose another folder"},
		{"port in use", []string{"serve", "--listen", taken.Addr().String()}, "address already in use: choose another port"},
		{"address of the outside", []string{"serve", "--listen", "0.0.0.0:0"}, "use 127.0.0.1, or say --anywhere"},
		{"address without a port", []string{"serve", "--listen", "127.0.0.1"}, "give it as HOST:PORT"},
		{"corrupt data", []string{"serve", "--listen", "127.0.0.1:0", "--data", notADatabase}, "is not a SQLite database"},
		{"key as a phone", []string{"phone", "--text", "FIDO:/1", "--profile", "yubikey-5-4"}, "--profile yubikey-5-4: a security key scans no QR codes; take phone or laptop"},
		{"unknown phone", []string{"phone", "--text", "FIDO:/1", "--profile", "icloud-keychan"}, `did you mean "icloud-keychain"?`},
		{"unknown policy", []string{"serve", "--challenge-ui", "none"}, "must be one of"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, c.args...)
			assert.Equal(t, exitBroken, got.status)
			assert.Contains(t, got.err, c.says)
			assert.Regexp(t, regexp.MustCompile(`^passkeylab: [^\n]*\n$`), got.err, "one line")
			assert.Empty(t, got.out)
		})
	}
	kept, err := os.ReadFile(notADatabase)
	require.NoError(t, err)
	assert.Equal(t, "these are no accounts", string(kept), "nothing is lost")
}

// Not parallel: the PATH belongs to the whole process.
func TestMissingProgramsAreNamed(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	got := command(t, "run", "--link", "proxy")
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "apt-get install chromium")
	assert.Contains(t, got.err, "--link wire needs no browser")
	assert.Equal(t, 1, strings.Count(got.err, "\n"))

	require.NoError(t, os.WriteFile(filepath.Join(folder, "chromium"), []byte("#!/bin/sh\n"), 0o755))
	got = command(t, "run", "--link", "proxy", "--headed")
	assert.Equal(t, exitBroken, got.status)
	assert.Contains(t, got.err, "apt-get install xvfb")
}

func TestRunWritesTheReport(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "report")
	got := command(t, "run", "button", "--link", "wire", "--seed", "7", "--report", folder)
	require.Equal(t, exitOK, got.status, got.err)
	assert.Contains(t, got.out, "button/declined")
	assert.Contains(t, got.out, "seed 7")
	assert.Contains(t, got.err, "✓", "progress goes to stderr")
	for _, name := range []string{"index.html", "junit.xml", "report.json"} {
		assert.FileExists(t, filepath.Join(folder, name))
	}
	raw, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	assert.True(t, json.Valid(raw))
	assert.Contains(t, string(raw), "passkeylab run button/declined --link wire --seed 7")
}

func TestNothingToRunIsNoSuccess(t *testing.T) {
	t.Parallel()
	got := command(t, "run", "autofill", "--link", "proxy")
	assert.Equal(t, exitBroken, got.status, "no journey of this suite can be made over proxy")
}

func TestScenariosAsJSON(t *testing.T) {
	t.Parallel()
	got := command(t, "scenarios", "--json")
	require.Equal(t, exitOK, got.status, got.err)
	var list []struct{ ID, Story string }
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	assert.Len(t, list, len(scenarios.All()))
	assert.NotEmpty(t, list[0].ID)
	assert.NotEmpty(t, list[0].Story)
}

func TestVersionNamesTheSpecifications(t *testing.T) {
	t.Parallel()
	got := command(t, "version")
	assert.Equal(t, exitOK, got.status)
	assert.Contains(t, got.out, "CTAP 2.3")
}

func TestHelpListsTheVerbs(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--help"}} {
		got := command(t, args...)
		assert.Equal(t, exitOK, got.status)
		for _, verb := range []string{"run", "device", "exec", "serve", "scenarios", "profiles", "doctor", "version"} {
			assert.Contains(t, got.out, verb)
		}
	}
}

func TestDoctorAsJSON(t *testing.T) {
	t.Parallel()
	got := command(t, "doctor", "--json")
	var list []struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	require.NotEmpty(t, list)
	assert.Equal(t, "usb-key", list[len(list)-1].ID)
}

// lineWriter hands on what is written to it.
type lineWriter chan string

func (w lineWriter) Write(p []byte) (int, error) {
	w <- string(p)
	return len(p), nil
}

// The site served by one command is visited by another, and the journeys that
// need no more than its pages pass.
func TestServeAndVisit(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	told, ended := make(lineWriter, 1), make(chan int, 1)
	server := &console{Context: ctx, out: told, err: io.Discard, env: func(string) string { return "" }, columns: func(io.Writer) int { return 0 }}
	go func() { ended <- server.main([]string{"serve", "--listen", "127.0.0.1:0"}) }()
	address := regexp.MustCompile(`http://localhost:\d+`).FindString(<-told)
	require.NotEmpty(t, address)

	for _, path := range []string{"/", "/log", "/outbox"} {
		answer, err := http.Get(address + path)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusOK, answer.StatusCode, path)
	}
	got := command(t, "run", "--link", "wire", "--site", address)
	assert.Equal(t, exitOK, got.status, got.out)
	assert.Regexp(t, `\d+ passed · \d+ not applicable`, got.out)

	stop()
	assert.Equal(t, exitOK, <-ended, "the server ends when it is told to")
}
