package main

import (
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/conformance/relyingparties"
	"github.com/passkeylab/passkeylab/relyingparty"
	"github.com/passkeylab/passkeylab/relyingparty/conformanceapi"
)

func TestConformRPSelf(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "report")
	got := command(t, "conform", "rp", "--match", "session", "--match", "options", "--gate", "--seed", "7", "--report", folder)
	require.Equal(t, exitOK, got.status, got.err+got.out)
	for _, name := range []string{"index.html", "junit.xml", "report.json", "badge.svg"} {
		assert.FileExists(t, filepath.Join(folder, name))
	}
	raw, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"repeat": "passkeylab conform rp --match session/login-replayed --seed 7"`)
	assert.Contains(t, string(raw), `"rule": "MUST, WebAuthn L3 §13.4.3"`)
	assert.Contains(t, string(raw), `clientDataJSON:\n{\"type\":\"webauthn.create\"`)
}

func TestConformRPFindsFaults(t *testing.T) {
	t.Parallel()
	got := command(t, "conform", "rp", "--match", "login/signature", "--fault", "rp/signature/not-verified")
	assert.Equal(t, exitFailed, got.status, got.err)
	assert.Contains(t, got.out, "✗ login/signature/bit-flip · self failed")
}

// A server at an address is judged again and again without a reset.
func TestConformRPOverHTTP(t *testing.T) {
	t.Parallel()
	var server *conformanceapi.Server
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { server.ServeHTTP(w, r) }))
	t.Cleanup(web.Close)
	var err error
	server, err = conformanceapi.New(conformanceapi.Config{RPID: "localhost", Origin: "http://localhost", Clock: time.Now, Random: rand.Reader})
	require.NoError(t, err)
	for range 2 {
		got := command(t, "conform", "rp", "--target", web.URL, "--origin", "http://localhost", "--switch", "counter=refuse", "--seed", "7",
			"--match", "registration/clientdata", "--match", "login/counter", "--match", "session/login-raced")
		assert.Equal(t, exitOK, got.status, got.err+got.out)
		assert.NotContains(t, got.out, "failed")
	}
}

// Our site is judged by its pages, as the documents say.
func TestConformRPByAnAdapter(t *testing.T) {
	t.Parallel()
	var site *relyingparty.Site
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { site.ServeHTTP(w, r) }))
	t.Cleanup(web.Close)
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	require.NoError(t, err)
	address := "http://localhost:" + port
	site, err = relyingparty.New(relyingparty.Config{BaseURL: address, Clock: time.Now, Random: rand.Reader, PasswordCost: relyingparty.LabPasswordCost()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, site.Close()) })
	got := command(t, "conform", "rp", "--target", address, "--adapter", "../../docs/adapters/passkeylab-pages.json",
		"--match", "login/user", "--match", "registration/plain", "--match", "session/registration-replayed")
	assert.Equal(t, exitOK, got.status, got.err+got.out)
}

func TestConformRPUsedWrongly(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "adapter.json")
	require.NoError(t, os.WriteFile(broken, []byte("{\n \"registration\": {\n  \"optoins\": 1\n }\n}"), 0o600))
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no such case", []string{"--match", "sesion"}, `did you mean "session"?`},
		{"no target", []string{"--target", "selb"}, "give self, or an address"},
		{"nobody there", []string{"--target", "http://127.0.0.1:1"}, "is it running?"},
		{"no such switch", []string{"--target", "http://127.0.0.1:1", "--switch", "conter=refuse"}, `did you mean "counter"?`},
		{"no such value", []string{"--target", "http://127.0.0.1:1", "--switch", "counter=no"}, "is any or refuse or accept"},
		{"no such fault", []string{"--fault", "rp/signature/not-verifeid"}, `did you mean "rp/signature/not-verified"?`},
		{"a fault elsewhere", []string{"--target", "http://127.0.0.1:1", "--fault", "rp/signature/not-verified"}, "makes mistakes on demand"},
		{"a switch for self", []string{"--switch", "counter=any"}, "go with an address"},
		{"no adapter", []string{"--target", "http://127.0.0.1:1", "--adapter", broken + "x"}, "no such file"},
		{"a broken adapter", []string{"--target", "http://127.0.0.1:1", "--adapter", broken}, `line 3, registration.optoins: there is no such member; did you mean "options"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, append([]string{"conform", "rp"}, c.args...)...)
			assert.Equal(t, exitBroken, got.status)
			assert.Contains(t, got.err, c.says)
			assert.Empty(t, got.out)
		})
	}
}

func TestRootsAndSwitches(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "roots")
	got := command(t, "conform", "rp", "--roots", folder, "--list", "--match", "registration/plain")
	require.Equal(t, exitOK, got.status, got.err)
	for _, name := range []string{"packed.pem", "tpm.pem", "apple.pem", "android-key.pem", "metadata-root.pem", "metadata.jwt"} {
		assert.FileExists(t, filepath.Join(folder, name))
	}
	got = command(t, "conform", "rp", "--switches")
	require.Equal(t, exitOK, got.status, got.err)
	for _, s := range relyingparties.Switches() {
		assert.Contains(t, got.out, s.Name+"\n")
	}
	got = command(t, "cases", "--of", "rp", "--json")
	var list []struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(got.out), &list))
	assert.Len(t, list, len(relyingparties.Cases()))
}
