package client_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passkeylab/passkeylab/authenticator"
	"github.com/passkeylab/passkeylab/client"
	"github.com/passkeylab/passkeylab/internal/seed"
	"github.com/passkeylab/passkeylab/webauthn"
)

// newAuthenticator is one of our own, whose user approves everything.
func newAuthenticator(t testing.TB, model authenticator.Model) *authenticator.Authenticator {
	t.Helper()
	a, err := authenticator.New(model, authenticator.Env{
		Store: authenticator.NewMemoryStore(), User: new(authenticator.ScriptedUser),
		Clock:  authenticator.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)),
		Random: seed.Stream(seed.Named(t.Name())),
	})
	require.NoError(t, err)
	return a
}

// TestWithOurAuthenticators signs two accounts up and in on each model, and
// checks the signature as a relying party would.
func TestWithOurAuthenticators(t *testing.T) {
	t.Parallel()
	for _, model := range []authenticator.Model{authenticator.Laptop(), authenticator.Phone(), authenticator.SecurityKey()} {
		t.Run(model.Name, func(t *testing.T) {
			t.Parallel()
			browser := clientOf(t, newAuthenticator(t, model))
			signUp := func(handle string) (*webauthn.RegistrationResponse, error) {
				return browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
					o.User.ID = []byte(handle)
					o.AuthenticatorSelection = webauthn.AuthenticatorSelection{ResidentKey: webauthn.Required, UserVerification: webauthn.Required}
					o.Extensions = extensions("credProps", "true")
				}))
			}
			keys := map[string]*ecdsa.PublicKey{}
			for _, handle := range []string{"alice", "bob"} {
				made, err := signUp(handle)
				require.NoError(t, err)
				assert.JSONEq(t, `{"rk":true}`, string(made.ClientExtensionResults["credProps"]))
				key, err := x509.ParsePKIXPublicKey(made.Response.PublicKey)
				require.NoError(t, err)
				keys[made.ID.String()] = key.(*ecdsa.PublicKey)
			}
			require.Len(t, keys, 2)

			got, err := browser.Get(t.Context(), page, requestOptions(func(o *webauthn.RequestOptions) { o.UserVerification = webauthn.Required }))
			require.NoError(t, err)
			require.Contains(t, keys, got.ID.String())
			hash := sha256.Sum256(got.Response.ClientDataJSON)
			signed := sha256.Sum256(append(append([]byte{}, got.Response.AuthenticatorData...), hash[:]...))
			assert.True(t, ecdsa.VerifyASN1(keys[got.ID.String()], signed[:], got.Response.Signature))

			_, err = browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
				o.ExcludeCredentials = []webauthn.Descriptor{{Type: "public-key", ID: got.ID}}
			}))
			exception(t, err, webauthn.InvalidStateError)
		})
	}
}

// TestPassiveUser takes the first account, which is the newest.
func TestPassiveUser(t *testing.T) {
	t.Parallel()
	key := newAuthenticator(t, authenticator.SecurityKey())
	browser := clientOf(t, key)
	for _, handle := range []string{"alice", "bob"} {
		_, err := browser.Create(t.Context(), page, creationOptions(func(o *webauthn.CreationOptions) {
			o.User.ID = []byte(handle)
			o.AuthenticatorSelection.ResidentKey = webauthn.Required
		}))
		require.NoError(t, err)
	}
	got, err := browser.Get(t.Context(), page, requestOptions())
	require.NoError(t, err)
	assert.Equal(t, "bob", string(got.Response.UserHandle))
}

// TestPINOfOurAuthenticator sets a PIN by way of a ceremony, and signs in by it.
func TestPINOfOurAuthenticator(t *testing.T) {
	t.Parallel()
	model := authenticator.SecurityKey()
	model.UV = authenticator.NoUV
	key, user := newAuthenticator(t, model), typing("28657", "46368", "28657")
	browser, err := client.New(client.Config{
		PIN: user, Authenticators: client.Attached(client.Authenticator{Name: "key", Transport: key}),
	})
	require.NoError(t, err)
	made, err := browser.Create(t.Context(), page, creating(webauthn.Required, func(o *webauthn.CreationOptions) {
		o.AuthenticatorSelection.ResidentKey = webauthn.Required
	}))
	require.NoError(t, err)
	got, err := browser.Get(t.Context(), page, getting(webauthn.Required))
	require.NoError(t, err)
	assert.Equal(t, made.ID, got.ID)
	data, err := webauthn.ParseAuthenticatorData(got.Response.AuthenticatorData)
	require.NoError(t, err)
	assert.True(t, data.Flags.Has(webauthn.UserVerified))
	assert.Equal(t, []client.PINReason{client.PINSet, client.PINEnter, client.PINAgain}, user.asked())
}
