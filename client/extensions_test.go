package client_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/ctap"
	"github.com/passkeylab/passkeylab/webauthn"
)

// extensions takes pairs of an identifier and its input in JSON.
func extensions(pairs ...string) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = json.RawMessage(pairs[i+1])
	}
	return m
}

func TestCredProps(t *testing.T) {
	t.Parallel()
	old := func(d *device) { d.info.Versions = []string{ctap.VersionFIDO20} }
	cases := []struct {
		name     string
		input    map[string]json.RawMessage
		resident webauthn.Requirement
		device   func(*device)
		want     map[string]json.RawMessage
	}{
		{"not asked for", nil, webauthn.Required, nil, extensions()},
		{"false", extensions("credProps", "false"), webauthn.Required, nil, extensions()},
		{"discoverable", extensions("credProps", "true"), webauthn.Required, nil, extensions("credProps", `{"rk":true}`)},
		{"not discoverable", extensions("credProps", "true"), webauthn.Discouraged, nil, extensions("credProps", `{"rk":false}`)},
		{"discoverable on an old device", extensions("credProps", "true"), webauthn.Required, old, extensions("credProps", `{"rk":true}`)},
		{"unknown on an old device", extensions("credProps", "true"), webauthn.Discouraged, old, extensions("credProps", `{}`)},
		{"impossible on an old device", extensions("credProps", "true"), webauthn.Preferred, func(d *device) {
			old(d)
			delete(d.info.Options, ctap.OptionRK)
		}, extensions("credProps", `{"rk":false}`)},
		{"unknown extensions are ignored", extensions("example.unknown", `{"deep":[1]}`), "", nil, extensions()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := laptop()
			if c.device != nil {
				c.device(d)
			}
			got, err := newClient(t, only(d)).Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
				o.Extensions, o.AuthenticatorSelection.ResidentKey = c.input, c.resident
			}))
			require.NoError(t, err)
			assert.Equal(t, c.want, got.ClientExtensionResults)
			assert.Empty(t, sent[*ctap.MakeCredentialRequest](d)[0].Extensions, "nothing reaches the authenticator")
		})
	}
}

func TestGetIgnoresUnknownExtensions(t *testing.T) {
	t.Parallel()
	got, err := newClient(t, only(laptop().holding("alice"))).Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) {
		o.Extensions = extensions("example.unknown", "1", "credProps", "false")
	}))
	require.NoError(t, err)
	assert.Empty(t, got.ClientExtensionResults)
}
