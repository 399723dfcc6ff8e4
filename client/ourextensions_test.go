package client_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/webauthn"
)

// TestExtensionsOfOurAuthenticators has a page use everything there is on each
// model, verified by whatever the model has.
func TestExtensionsOfOurAuthenticators(t *testing.T) {
	t.Parallel()
	plain := authenticator.SecurityKey()
	plain.Name, plain.UV, plain.UVModality = "plain key", authenticator.NoUV, 0
	for _, model := range []authenticator.Model{authenticator.Laptop(), authenticator.Phone(), authenticator.SecurityKey(), plain} {
		t.Run(model.Name, func(t *testing.T) {
			t.Parallel()
			user := typing("28657", "28657", "28657", "28657")
			browser, err := client.New(client.Config{PIN: user, Authenticators: client.Attached(
				client.Authenticator{Name: model.Name, Transport: newAuthenticator(t, model)},
			)})
			require.NoError(t, err)
			const eval = `{"eval":{"first":"AQ","second":"Ag"}}`
			made, err := browser.Create(t.Context(), page, creating(webauthn.Required, func(o *webauthn.CreationOptions) {
				o.AuthenticatorSelection.ResidentKey = webauthn.Required
				o.Extensions = extensions("prf", eval, "largeBlob", `{"support":"required"}`, "credProps", "true")
			}))
			require.NoError(t, err)
			assert.JSONEq(t, `{"supported":true}`, string(made.ClientExtensionResults["largeBlob"]))
			var created prfShown
			require.NoError(t, json.Unmarshal(made.ClientExtensionResults["prf"], &created))
			assert.True(t, created.Enabled)

			get := func(input string) map[string]json.RawMessage {
				got, err := browser.Get(t.Context(), page, getting(webauthn.Discouraged, func(o *webauthn.RequestOptions) {
					o.AllowCredentials = []webauthn.Descriptor{{Type: "public-key", ID: made.ID}}
					o.Extensions = extensions("prf", eval, "largeBlob", input)
				}))
				require.NoError(t, err)
				return got.ClientExtensionResults
			}
			results := get(write("a certificate"))
			assert.JSONEq(t, `{"written":true}`, string(results["largeBlob"]))
			again := get(read)
			assert.JSONEq(t, holds("a certificate"), string(again["largeBlob"]))
			assert.Equal(t, results["prf"], again["prf"])
			var asserted prfShown
			require.NoError(t, json.Unmarshal(again["prf"], &asserted))
			assert.NotEqual(t, asserted.Results.First, asserted.Results.Second)
			if created.Results.First != "" { // with hmac-secret-mc
				assert.Equal(t, created.Results, asserted.Results)
			}
		})
	}
}

// prfShown is the result of prf as a page reads it.
type prfShown struct {
	Enabled bool
	Results struct{ First, Second string }
}
