package client

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/webauthn"
)

func TestParseOrigin(t *testing.T) {
	t.Parallel()
	cases := []struct{ in, want string }{
		{"https://example.com", "https://example.com"},
		{"https://Example.COM", "https://example.com"},
		{"https://example.com:443", "https://example.com"},
		{"http://localhost:80", "http://localhost"},
		{"https://example.com:8443", "https://example.com:8443"},
		{"http://localhost:443", "http://localhost:443"},
		{"https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"},
	}
	for _, c := range cases {
		o, err := parseOrigin(c.in)
		require.NoError(t, err, c.in)
		assert.Equal(t, c.want, o.String())
	}
	for _, opaque := range []string{
		"", "null", "example.com", "//example.com/", "data:text/html,x", "file:///etc/passwd", "about:blank",
		"https://example.com/", "https://example.com/path", "https://example.com?", "https://example.com?q", "https://example.com#f",
		"https://user@example.com", "https://example.com:0443", "https://example.com:99999", "https://exa mple.com", "https://", "https://:443",
	} {
		_, err := parseOrigin(opaque)
		assert.ErrorIs(t, err, errOpaque, "%q", opaque)
	}
}

// TestPlainOriginsNeedNoParser holds the short way to the long one.
func TestPlainOriginsNeedNoParser(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{"https://example.com", "https://a-b.xn--p1ai", "https://localhost", "https://192.0.2.1", "https://example.com.", "https://-"} {
		host, ok := plainHTTPS(plain)
		require.True(t, ok, plain)
		want, err := originOfURL(plain)
		require.NoError(t, err, plain)
		assert.Equal(t, want, tupleOrigin{scheme: "https", host: host}, plain)
	}
	for _, other := range []string{"https://Example.com", "https://example.com:1", "https://[::1]", "http://localhost", "https://", "https://a/", "https://é"} {
		_, ok := plainHTTPS(other)
		assert.False(t, ok, other)
	}
}

func TestDetermineRPID(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, origin, asked string
		want                string // the RP ID; empty: SecurityError
	}{
		{"absent", "https://login.example.com", "", "login.example.com"},
		{"equal", "https://login.example.com", "login.example.com", "login.example.com"},
		{"registrable suffix", "https://login.example.com", "example.com", "example.com"},
		{"suffix two levels up", "https://a.b.example.com", "example.com", "example.com"},
		{"port does not matter", "https://login.example.com:8443", "example.com", "example.com"},
		{"subdomain", "https://example.com", "login.example.com", ""},
		{"sibling", "https://a.example.com", "b.example.com", ""},
		{"another site", "https://example.com", "example.org", ""},
		{"suffix only of the text", "https://notexample.com", "example.com", ""},
		{"look-alike", "https://example.com.evil.test", "example.com", ""},
		{"top-level domain", "https://example.com", "com", ""},
		{"public suffix of two labels", "https://example.co.uk", "co.uk", ""},
		{"part of a public suffix", "https://example.co.uk", "uk", ""},
		{"registrable below a public suffix of two labels", "https://login.example.co.uk", "example.co.uk", "example.co.uk"},
		{"private registry", "https://alice.github.io", "github.io", ""},
		{"a public suffix itself", "https://github.io", "github.io", "github.io"},
		{"unknown top-level domain", "https://login.example.test", "test", ""},
		{"below an unknown top-level domain", "https://login.example.test", "example.test", "example.test"},
		{"not canonical", "https://example.com", "EXAMPLE.com", ""},
		{"trailing dot", "https://example.com.", "example.com.", ""},
		{"trailing dot in the RP ID", "https://login.example.com", "example.com.", ""},
		{"with a port", "https://example.com", "example.com:443", ""},
		{"a URL", "https://example.com", "https://example.com", ""},
		{"leading dot", "https://login.example.com", ".example.com", ""},
		{"not a domain at all", "https://login.example.com", "exa mple.com", ""},

		{"localhost", "http://localhost:8080", "", "localhost"},
		{"localhost over https", "https://localhost", "localhost", "localhost"},
		{"name under localhost", "http://app.localhost", "", "app.localhost"},
		{"localhost for a name under it", "http://app.localhost", "localhost", ""},
		{"http", "http://example.com", "", ""},
		{"http, a name that ends like localhost", "http://notlocalhost", "", ""},
		{"another scheme", "ftp://example.com", "", ""},

		{"IPv4", "https://192.0.2.1", "", ""},
		{"IPv4 given as RP ID", "https://192.0.2.1", "192.0.2.1", ""},
		{"loopback", "http://127.0.0.1:8080", "", ""},
		{"IPv4 in hexadecimal", "https://0x7f.1", "", ""},
		{"IPv4, last label hexadecimal", "https://127.0.0.0x1", "", ""},
		{"IPv6", "https://[::1]", "", ""},
		{"underscore", "https://a_b.example.com", "", ""},
		{"leading hyphen", "https://-a.example.com", "", ""},
		{"punycode", "https://xn--bcher-kva.example", "", "xn--bcher-kva.example"},
		{"not in its ASCII form", "https://bücher.example", "", ""},
		{"digits are fine before the last label", "https://1.2.example", "", "1.2.example"},
	}
	c, err := New(Config{Authenticators: Attached()})
	require.NoError(t, err)
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, rpID, err := c.determineRPID(t.Context(), tc.origin, tc.asked)
			if tc.want == "" {
				assert.ErrorIs(t, err, &webauthn.DOMException{Name: webauthn.SecurityError})
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tc.want, rpID)
		})
	}
}

// related answers for one pair.
type related struct {
	rpID, origin string
	err          error
}

func (r related) Related(_ context.Context, rpID, origin string) (bool, error) {
	return rpID == r.rpID && origin == r.origin, r.err
}

func TestRelatedOrigins(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, origin string
		related      related
		ok           bool
	}{
		{"listed", "https://example.de", related{"example.com", "https://example.de", nil}, true},
		{"not listed", "https://evil.test", related{"example.com", "https://example.de", nil}, false},
		{"no answer", "https://example.de", related{"example.com", "https://example.de", errors.New("no route")}, false},
		{"not asked for an insecure origin", "http://example.de", related{"example.com", "http://example.de", nil}, false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := New(Config{Authenticators: Attached(), RelatedOrigins: tc.related})
			require.NoError(t, err)
			_, rpID, err := c.determineRPID(t.Context(), tc.origin, "example.com")
			if !tc.ok {
				assert.ErrorIs(t, err, &webauthn.DOMException{Name: webauthn.SecurityError})
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "example.com", rpID)
		})
	}
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	cases := []struct {
		asked          uint32
		spec, chromium time.Duration
	}{
		{0, 5 * time.Minute, 20 * time.Hour},
		{1, 5 * time.Minute, 3 * time.Minute},
		{299_999, 5 * time.Minute, 299_999 * time.Millisecond},
		{300_001, 300_001 * time.Millisecond, 300_001 * time.Millisecond},
		{600_001, 10 * time.Minute, 600_001 * time.Millisecond},
		{1<<32 - 1, 10 * time.Minute, 20 * time.Hour},
	}
	for _, c := range cases {
		assert.Equal(t, c.spec, SpecTimeouts().lifetime(c.asked), "%d ms", c.asked)
		assert.Equal(t, c.chromium, ChromiumTimeouts().lifetime(c.asked), "%d ms", c.asked)
	}
}

func FuzzOrigin(f *testing.F) {
	f.Add("https://login.example.com:8443", "example.com")
	f.Add("http://localhost", "")
	f.Add("https://[::1]", "::1")
	f.Add("null", "null")
	c, err := New(Config{Authenticators: Attached()})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, origin, asked string) {
		serialised, rpID, err := c.determineRPID(t.Context(), origin, asked)
		if err != nil {
			return
		}
		again, _, err := c.determineRPID(t.Context(), serialised, rpID)
		require.NoError(t, err, "what was accepted is accepted in its canonical form")
		assert.Equal(t, serialised, again)
	})
}
