package client_test

import (
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// taking returns a client that takes liberties.
func taking(t *testing.T, d *device, liberties ...client.Liberty) *client.Client {
	t.Helper()
	var seams []client.Seams
	for _, l := range liberties {
		assert.NotEmpty(t, l.ID)
		assert.NotEmpty(t, l.Spec)
		assert.NotEmpty(t, l.Doc)
		seams = append(seams, l.Seams)
	}
	c, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Transport: d})}, seams...)
	require.NoError(t, err)
	return c
}

var evil = client.Caller{Origin: "https://examp1e.com"}

func TestIgnoreRPIDRules(t *testing.T) {
	t.Parallel()
	d := laptop().holding("alice")
	_, err := taking(t, d).Get(t.Context(), evil, requestOptions())
	exception(t, err, webauthn.SecurityError)
	got, err := taking(t, d, client.IgnoreRPIDRules()).Get(t.Context(), evil, requestOptions())
	require.NoError(t, err)
	assert.Contains(t, string(got.Response.ClientDataJSON), `"origin":"https://examp1e.com"`, "it does not lie about where it is")
	assert.Equal(t, site, sent[*ctap.GetAssertionRequest](d)[0].RPID)
}

func TestClaimOrigin(t *testing.T) {
	t.Parallel()
	d := laptop()
	d.passkeys = []passkey{{"id", "examp1e.com", &ctap.UserEntity{ID: []byte("handle")}}}
	browser := taking(t, d, client.ClaimOrigin("https://example.com"))
	got, err := browser.Get(t.Context(), evil, requestOptions(func(o *webauthn.RequestOptions) { o.RPID = "" }))
	require.NoError(t, err)
	assert.Contains(t, string(got.Response.ClientDataJSON), `"origin":"https://example.com"`)
	assert.Equal(t, "examp1e.com", sent[*ctap.GetAssertionRequest](d)[0].RPID, "the RP ID rules still hold")
	_, err = browser.Get(t.Context(), evil, requestOptions())
	exception(t, err, webauthn.SecurityError)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	d := laptop().holding("alice")
	honest := taking(t, d)
	made, err := honest.Create(t.Context(), page, creationOptions())
	require.NoError(t, err)
	got, err := honest.Get(t.Context(), page, requestOptions())
	require.NoError(t, err)

	replaying := taking(t, d, client.ReplayRegistration(made), client.ReplayAuthentication(got))
	madeAgain, err := replaying.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.Challenge = []byte("fresh") }))
	require.NoError(t, err)
	assert.Equal(t, made, madeAgain)
	assert.NotSame(t, made, madeAgain)
	gotAgain, err := replaying.Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.Challenge = []byte("fresh") }))
	require.NoError(t, err)
	assert.Equal(t, got, gotAgain)
	assert.NotSame(t, got, gotAgain)
}

// TestSeamsCompose has several act in their order.
func TestSeamsCompose(t *testing.T) {
	t.Parallel()
	got, err := taking(t, laptop().holding("alice"), client.IgnoreRPIDRules(), client.ClaimOrigin("https://first.test"), client.ClaimOrigin("https://last.test")).
		Get(t.Context(), evil, requestOptions())
	require.NoError(t, err)
	assert.Contains(t, string(got.Response.ClientDataJSON), "https://last.test")
}

// What the seam makes of the client data is what is hashed.
func TestClientDataJSONSeam(t *testing.T) {
	t.Parallel()
	d := laptop().holding("alice")
	browser, err := client.New(client.Config{Authenticators: client.Attached(client.Authenticator{Transport: d})},
		client.Seams{ClientDataJSON: func(data []byte) []byte { return append([]byte("\uFEFF"), data...) }})
	require.NoError(t, err)
	got, err := browser.Get(t.Context(), page, requestOptions())
	require.NoError(t, err)
	assert.Contains(t, string(got.Response.ClientDataJSON), "\uFEFF{")
	hash := sha256.Sum256(got.Response.ClientDataJSON)
	assert.Equal(t, hash[:], sent[*ctap.GetAssertionRequest](d)[0].ClientDataHash)
}
