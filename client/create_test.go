package client_test

import (
	"crypto/sha256"
	"crypto/x509"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	d := laptop()
	got, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions())
	require.NoError(t, err)

	assert.Equal(t, `{"type":"webauthn.create","challenge":"YSBjaGFsbGVuZ2Ugb2YgdGhlIHJlbHlpbmcgcGFydHk","origin":"https://example.com","crossOrigin":false}`,
		string(got.Response.ClientDataJSON))
	assert.Equal(t, "a new credential", string(got.RawID))
	assert.Equal(t, got.RawID, got.ID)
	assert.Equal(t, "public-key", got.Type)
	assert.Equal(t, webauthn.Platform, got.AuthenticatorAttachment)
	assert.Equal(t, []string{"internal"}, got.Response.Transports)
	assert.NotNil(t, got.ClientExtensionResults, "toJSON has an object, not null")
	assert.Empty(t, got.ClientExtensionResults)

	assert.Equal(t, webauthn.ES256, got.Response.PublicKeyAlgorithm)
	key, err := x509.ParsePKIXPublicKey(got.Response.PublicKey)
	require.NoError(t, err)
	assert.True(t, testKey.PublicKey.Equal(key))

	object, err := webauthn.ParseAttestationObject(got.Response.AttestationObject)
	require.NoError(t, err)
	assert.Equal(t, "none", object.Format)
	assert.Equal(t, object.AuthData, []byte(got.Response.AuthenticatorData))

	hash := sha256.Sum256(got.Response.ClientDataJSON)
	want := &ctap.MakeCredentialRequest{
		ClientDataHash: hash[:], RP: ctap.RPEntity{ID: site, Name: "Example"},
		User:             ctap.UserEntity{ID: []byte("handle"), Name: "alice@example.com", DisplayName: "Alice"},
		PubKeyCredParams: []ctap.Parameters{{Type: "public-key", Algorithm: -7}},
		Options:          &ctap.Options{UV: new(true)},
	}
	assert.Equal(t, []*ctap.MakeCredentialRequest{want}, sent[*ctap.MakeCredentialRequest](d))
	assert.Len(t, sent[*ctap.GetInfoRequest](d), 1)
}

// creationMistakes has the exceptions of the page's own mistakes, in the order
// of the steps that throw them.
var creationMistakes = []struct {
	name   string
	change func(*client.Caller, *webauthn.CreationOptions)
	want   string
}{
	{"unknown mediation", func(c *client.Caller, _ *webauthn.CreationOptions) { c.Mediation = "telepathic" }, webauthn.TypeError},
	{"user.id empty", func(_ *client.Caller, o *webauthn.CreationOptions) { o.User.ID = nil }, webauthn.TypeError},
	{"exclude list too long", func(_ *client.Caller, o *webauthn.CreationOptions) {
		o.ExcludeCredentials = descriptorList(strings.Split(strings.Repeat("x,", 64), ",")...)
	}, client.RangeError},
	{"opaque origin", func(c *client.Caller, _ *webauthn.CreationOptions) { c.Origin = "null" }, webauthn.NotAllowedError},
	{"foreign RP ID", func(_ *client.Caller, o *webauthn.CreationOptions) { o.RP.ID = "example.org" }, webauthn.SecurityError},
	{"no known type of credential", func(_ *client.Caller, o *webauthn.CreationOptions) { o.PubKeyCredParams[0].Type = "password" }, webauthn.NotSupportedError},
}

func TestCreateMistakes(t *testing.T) {
	t.Parallel()
	cases := append([]struct {
		name   string
		change func(*client.Caller, *webauthn.CreationOptions)
		want   string
	}{
		{"conditional", func(c *client.Caller, _ *webauthn.CreationOptions) { c.Mediation = client.Conditional }, webauthn.NotAllowedError},
		{"silent", func(c *client.Caller, _ *webauthn.CreationOptions) { c.Mediation = "silent" }, webauthn.NotAllowedError},
		{"user.id of 65 bytes", func(_ *client.Caller, o *webauthn.CreationOptions) { o.User.ID = make([]byte, 65) }, webauthn.TypeError},
		{"origin without secure context", func(c *client.Caller, _ *webauthn.CreationOptions) { c.Origin = "http://example.com" }, webauthn.SecurityError},
		{"IP address", func(c *client.Caller, o *webauthn.CreationOptions) { c.Origin, o.RP.ID = "https://192.0.2.1", "" }, webauthn.SecurityError},
	}, creationMistakes...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := laptop()
			caller, options := page, creationOptions()
			c.change(&caller, options)
			_, err := newClient(t, only(d)).Create(t.Context(), caller, options)
			exception(t, err, c.want)
			assert.Empty(t, d.asked, "no authenticator is asked for a mistake of the page")
		})
	}
	t.Run("no options", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, nil).Create(t.Context(), page, nil)
		exception(t, err, webauthn.NotSupportedError)
	})
}

// TestCreateOrder makes every pair of mistakes at once: the earlier step wins.
func TestCreateOrder(t *testing.T) {
	t.Parallel()
	for i, first := range creationMistakes {
		for _, second := range creationMistakes[i+1:] {
			t.Run(first.name+" before "+second.name, func(t *testing.T) {
				t.Parallel()
				caller, options := page, creationOptions()
				second.change(&caller, options)
				first.change(&caller, options)
				_, err := newClient(t, only(laptop())).Create(t.Context(), caller, options)
				exception(t, err, first.want)
			})
		}
	}
}

func TestCreateAtTheLimits(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 64} {
		_, err := newClient(t, only(laptop())).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
			o.User.ID = make([]byte, n)
		}))
		require.NoError(t, err, "user.id of %d bytes", n)
	}
}

func TestCreateAlgorithms(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		asked []webauthn.Parameters
		want  []ctap.Parameters
	}{
		{"none means ES256 and RS256", nil, []ctap.Parameters{{Type: "public-key", Algorithm: -7}, {Type: "public-key", Algorithm: -257}}},
		{"order is kept", []webauthn.Parameters{{Type: "public-key", Algorithm: -257}, {Type: "public-key", Algorithm: -8}, {Type: "public-key", Algorithm: -7}},
			[]ctap.Parameters{{Type: "public-key", Algorithm: -257}, {Type: "public-key", Algorithm: -8}, {Type: "public-key", Algorithm: -7}}},
		{"unknown types are dropped", []webauthn.Parameters{{Type: "password", Algorithm: -7}, {Type: "public-key", Algorithm: -8}},
			[]ctap.Parameters{{Type: "public-key", Algorithm: -8}}},
		{"unknown algorithms are not", []webauthn.Parameters{{Type: "public-key", Algorithm: -9999}}, []ctap.Parameters{{Type: "public-key", Algorithm: -9999}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := laptop()
			_, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) { o.PubKeyCredParams = c.asked }))
			require.NoError(t, err)
			assert.Equal(t, c.want, sent[*ctap.MakeCredentialRequest](d)[0].PubKeyCredParams)
		})
	}
}
